"""Asks PostgreSQL for its own spelling of a wanted table, by building it as a temporary table.

The server rewrites nearly all that it is told (`varchar(20)`, `CHECK ("age" >= 0)`), so only what
it makes of the same words can be compared with what it has.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.exceptions import CannotCompareError
from dynschema.schema.editors.base import column_sql, constraint_sql
from dynschema.schema.introspection.postgresql import catalog_sql, fetch_tables
from dynschema.schema.spec import ConstraintSpec, FieldSpec, TableSpec
from dynschema.schema.sqltext import tokens, unquote

Piece = FieldSpec | ConstraintSpec

SCRATCH = "dynschema_scratch"
# A piece takes about one kilobyte, so this is some 20 MB at most.
MOST_PIECES = 20_000


class Normaliser:
    """Turns wanted tables into the spelling of the server, and remembers it piece by piece.

    One serves a whole process: several threads and several databases may share it.
    """

    def __init__(self, most_pieces: int = MOST_PIECES) -> None:
        self._found: dict[Hashable, Piece] = {}
        self._most_pieces = most_pieces
        self._lock = threading.Lock()

    def normal(
        self,
        connection: BaseDatabaseWrapper,
        table: TableSpec,
        known: Iterable[tuple[TableSpec, TableSpec]] = (),
    ) -> TableSpec:
        """Return the table as `read_tables` would give it after it was created.

        Names, keys and the values to fill in stay as they are. Foreign keys are compared by their
        parts and never built: that would lock the table which they point at.

        Args:
            connection: an open Django connection; nothing is sent when every piece is known.
            table: the wanted table.
            known: tables as they were asked for, each with what was then found.

        Raises:
            CannotCompareError: the server did not build the temporary table; the transaction of
                the caller goes on.
        """
        server = server_key(connection)
        answers = self._recall(server, table)
        if None in answers:
            for asked, found in known:
                self._learn(server, asked, found)
            answers = self._recall(server, table)
        if None in answers:
            part = part_of(table, answers)
            found = build_scratch(connection, part)
            self._learn(server, part, found)
            answers = [
                old or new for old, new in zip(answers, answers_in(found, table), strict=True)
            ]
        return spelled(table, answers)

    def _learn(self, server: Hashable, asked: TableSpec, found: TableSpec) -> None:
        answers = zip(pieces(asked), answers_in(found, asked), strict=True)
        learned: dict[Hashable, Piece] = {
            (server, question(piece, asked)): answer for piece, answer in answers if answer
        }
        with self._lock:
            self._found.update(learned)
            excess = max(0, len(self._found) - self._most_pieces)
            for oldest in list(self._found)[:excess]:
                del self._found[oldest]

    def _recall(self, server: Hashable, table: TableSpec) -> list[Piece | None]:
        return [self._found.get((server, question(each, table))) for each in pieces(table)]


def server_key(connection: BaseDatabaseWrapper) -> Hashable:
    """Return what a spelling depends on besides the piece: the server, and how it prints times."""
    return connection.alias, getattr(connection, "pg_version", 0), connection.timezone_name


def question(piece: Piece, table: TableSpec) -> Hashable:
    """Return what the answer depends on: the piece and the columns that its SQL mentions."""
    names = mentioned(piece)
    columns = [(each.name, each.type, each.extra) for each in table.fields if each.name in names]
    return piece.shape, tuple(columns)


def mentioned(piece: Piece) -> frozenset[str]:
    """Return the names in the SQL of a piece; those of columns are among them."""
    return names_in(piece.extra if isinstance(piece, FieldSpec) else piece.sql)


@lru_cache(maxsize=MOST_PIECES)
def names_in(sql: str) -> frozenset[str]:
    """Return every word that may be the name of a column."""
    return frozenset(
        unquote(text) if kind == "quoted" else text.lower()
        for kind, text in tokens(sql)
        if kind in ("quoted", "word")
    )


def pieces(table: TableSpec) -> Iterator[Piece]:
    """Yield the columns and the constraints whose spelling the server chooses."""
    yield from table.fields
    yield from (each for each in table.constraints if each.kind != "foreign_key")


def part_of(table: TableSpec, answers: Iterable[Piece | None]) -> TableSpec:
    """Return the pieces without an answer, with the columns that they mention."""
    unknown = [each for each, answer in zip(pieces(table), answers, strict=True) if answer is None]
    names = set().union(*map(mentioned, unknown))
    # An index may mention a generated column, which mentions others.
    names = names.union(*(mentioned(each) for each in table.fields if each.name in names))
    return replace(
        table,
        fields=tuple(each for each in table.fields if each in unknown or each.name in names),
        constraints=tuple(each for each in table.constraints if each in unknown),
    )


def answers_in(found: TableSpec, asked: TableSpec) -> Iterator[Piece | None]:
    """Yield for each piece asked for the one found under its name, or None."""
    by_name = {kind_and_name(each): each for each in pieces(found)}
    return (by_name.get(kind_and_name(each)) for each in pieces(asked))


def kind_and_name(piece: Piece) -> tuple[str, str | None]:
    """Return what is unique in a table: an index may have the name of a check, or of a column."""
    return "" if isinstance(piece, FieldSpec) else piece.kind, piece.name


def spelled(table: TableSpec, answers: Iterable[Piece | None]) -> TableSpec:
    """Return the table with its pieces spelled as in the answers."""
    by_piece = dict(zip(pieces(table), answers, strict=True))
    return replace(
        table,
        fields=tuple(field_like(each, by_piece[each]) for each in table.fields),
        constraints=tuple(constraint_like(each, by_piece.get(each)) for each in table.constraints),
    )


def field_like(field: FieldSpec, answer: Piece | None) -> FieldSpec:
    """Return the field in the spelling of the answer."""
    assert isinstance(answer, FieldSpec), field
    return replace(
        field, type=answer.type, null=answer.null, default=answer.default, extra=answer.extra
    )


def constraint_like(constraint: ConstraintSpec, answer: Piece | None) -> ConstraintSpec:
    """Return the constraint in the spelling of the answer; there is none for a foreign key."""
    if constraint.kind == "foreign_key":
        return constraint
    assert isinstance(answer, ConstraintSpec), constraint
    return replace(constraint, columns=answer.columns, sql=answer.sql, unique=answer.unique)


def build_scratch(connection: BaseDatabaseWrapper, table: TableSpec) -> TableSpec:
    """Create the table as a temporary one, read it back and drop it, in one round trip."""
    # Numbers instead of names, since a name may be missing.
    names = {f"c{n}": each.name for n, each in enumerate(table.constraints)}
    creation = [
        f"CREATE TEMPORARY TABLE {SCRATCH} ({', '.join(inner_sql(table))}) ON COMMIT DROP",
        *scratch_indexes(table),
    ]
    reading = catalog_sql(f"'pg_temp.{SCRATCH}'::regclass")
    try:
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            cursor.execute(";".join([*creation, reading, f"DROP TABLE pg_temp.{SCRATCH}"]))
            for _ in creation:
                cursor.nextset()
            found = fetch_tables(cursor)[SCRATCH]
    except DatabaseError as error:
        reason = str(error).partition("\n")[0]
        raise CannotCompareError(table=table.name, reason=reason) from error
    constraints = (replace(each, name=names.get(each.name or "")) for each in found.constraints)
    return replace(found, constraints=tuple(constraints))


def inner_sql(table: TableSpec) -> Iterator[str]:
    """Yield the columns, then the constraints that stand between the parentheses."""
    yield from map(column_sql, table.fields)
    for n, constraint in enumerate(table.constraints):
        if constraint.kind not in ("index", "foreign_key"):
            yield constraint_sql(replace(constraint, name=f"c{n}"))


def scratch_indexes(table: TableSpec) -> Iterator[str]:
    """Yield the statements that create the indexes."""
    for n, index in enumerate(table.constraints):
        if index.kind == "index":
            unique = "UNIQUE " if index.unique else ""
            yield f"CREATE {unique}INDEX c{n} ON pg_temp.{SCRATCH} {index.sql}"
