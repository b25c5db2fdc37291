"""Reads the columns, constraints and indexes in the SQL of SQLite's catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from dynschema.schema.introspection.sqlite_spelling import (
    bare,
    identifier,
    significant,
    spelled,
)
from dynschema.schema.introspection.sqlite_text import (
    Clause,
    Segment,
    parse_clause,
    parse_definition,
    split_list,
)
from dynschema.schema.spec import ConstraintSpec, FieldSpec, Reference
from dynschema.schema.sqltext import quote, unquote

NAME = r'(?:"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|\w+)'
NAMES = rf"\(({NAME}(?:, {NAME})*)\)"
FOREIGN_KEY = re.compile(rf"(?:FOREIGN KEY {NAMES} )?REFERENCES ({NAME})(?: {NAMES})?(.*)")
ON_DELETE = re.compile(r" ON DELETE (CASCADE|RESTRICT|SET NULL|SET DEFAULT|NO ACTION)")
DEFERRED = " DEFERRABLE INITIALLY DEFERRED"
# What SQLite assumes when nothing is said.
IMMEDIATE = re.compile(r" ON UPDATE NO ACTION|( NOT)? DEFERRABLE( INITIALLY IMMEDIATE)?$")


def read_field(segment: Segment) -> FieldSpec:
    """Read a column; that a primary key is never NULL, only the whole table can tell."""
    type_sql, null, default, extra = _shape(segment.definition)
    return FieldSpec(segment.name or "", type_sql, null, default, extra)


@lru_cache(maxsize=8192)
def _shape(definition: str) -> tuple[str, bool, str | None, str]:
    """Read what follows the name of a column, which is the same for many columns."""
    type_sql, clauses, _ = parse_definition(definition)
    bodies = {clause.keyword: clause.body for clause in clauses}
    default = bodies.get("DEFAULT")
    return (
        spelled_type(type_sql),
        "NOT NULL" not in bodies,
        None if default is None else bare(default.removeprefix("DEFAULT ")),
        " ".join(_extra(bodies)),
    )


def read_constraints(segment: Segment) -> Iterator[ConstraintSpec]:
    """Read the constraints of a column, or the one constraint that the segment is."""
    for clause in segment.clauses:
        constraint = read_constraint(clause)
        if constraint and segment.name is None:
            yield constraint
        elif constraint and clause.keyword != "PRIMARY":
            yield _of_column(constraint, segment.name or "")


def read_constraint(clause: Clause) -> ConstraintSpec | None:
    """Read one clause; None if it is about the values of the column itself."""
    if clause.keyword == "CHECK":
        return _check(clause)
    if clause.keyword in {"UNIQUE", "PRIMARY"}:
        columns = _names(clause.body)
        return ConstraintSpec("unique", clause.name, columns, clause.body, unique=True)
    if clause.keyword in {"REFERENCES", "FOREIGN"}:
        return _foreign_key(clause)
    return None


def read_index(sql: str) -> ConstraintSpec:
    """Read CREATE INDEX."""
    head, *items, tail = split_list(sql)
    words = significant(head)
    on = max(at for at, (_, text) in enumerate(words) if text.upper() == "ON")
    listed = ", ".join(map(spelled, items))
    return ConstraintSpec(
        kind="index",
        name=identifier(words[on - 1]),
        columns=_names(f"({listed})"),
        sql=f"({listed}) {spelled(tail)}".strip(),
        unique=words[1][1].upper() == "UNIQUE",
    )


def spelled_type(sql: str) -> str:
    """Return a type in lower case, as Django writes it.

    >>> spelled_type(' VARCHAR ( 20 )')
    'varchar(20)'
    """
    words = [identifier(token).lower() for token in significant(sql)]
    text = " ".join(words).replace(" (", "(").replace("( ", "(")
    return text.replace(" )", ")").replace(" ,", ",")


def parsed(constraint: str) -> ConstraintSpec:
    """Read a constraint as it stands in CREATE TABLE."""
    found = read_constraint(parse_clause(constraint))
    assert found is not None, constraint
    return found


def _extra(bodies: dict[str, str]) -> Iterator[str]:
    yield from (bodies[keyword] for keyword in ("COLLATE",) if keyword in bodies)
    generated = bodies.get("GENERATED") or bodies.get("AS")
    if generated:
        expression = generated[generated.index("AS (") :]
        kept = "" if expression.endswith((" STORED", " VIRTUAL")) else " VIRTUAL"
        yield f"GENERATED ALWAYS {expression}{kept}"
    if "PRIMARY" in bodies:
        yield bodies["PRIMARY"]


def _of_column(constraint: ConstraintSpec, column: str) -> ConstraintSpec:
    if constraint.kind == "unique":
        sql = constraint.sql.replace("UNIQUE", f"UNIQUE ({quote(column)})", 1)
        return replace(constraint, columns=(column,), sql=sql)
    return replace(constraint, columns=constraint.columns or (column,))


def _check(clause: Clause) -> ConstraintSpec:
    _, *items, rest = split_list(clause.body)
    condition = bare(",".join(items))
    mentioned = [unquote(text) for kind, text in significant(condition) if kind == "quoted"]
    sql = f"CHECK ({condition}){rest}"
    return ConstraintSpec("check", clause.name, tuple(dict.fromkeys(mentioned)), sql)


def _foreign_key(clause: Clause) -> ConstraintSpec:
    found = FOREIGN_KEY.fullmatch(clause.body)
    assert found is not None, clause
    columns, table, targets, rest = found.groups()
    action = ON_DELETE.search(rest)
    deferrable = DEFERRED in rest and f" NOT{DEFERRED}" not in rest
    remaining = ON_DELETE.sub("", rest).replace(f" NOT{DEFERRED}", "").replace(DEFERRED, "")
    return ConstraintSpec(
        kind="foreign_key",
        name=clause.name,
        columns=_listed(columns),
        sql=IMMEDIATE.sub("", remaining).strip(),
        references=Reference(
            table=_listed(table)[0],
            columns=_listed(targets),
            on_delete=action[1] if action else "NO ACTION",
            deferrable=deferrable,
        ),
    )


def _listed(names: str | None) -> tuple[str, ...]:
    """Return the names in a list of names."""
    words = significant(names or "")
    return tuple(identifier(token) for token in words if token[1] != ",")


def _names(sql: str) -> tuple[str, ...]:
    """Return the plain columns of `("a" DESC, lower("b")) …`."""
    words = [significant(item) for item in split_list(sql)[1:-1]]
    return tuple(identifier(item[0]) for item in words if _is_plain(item))


def _is_plain(item: list[tuple[str, str]]) -> bool:
    """A name alone, or one with a collation or an order."""
    return item[0][0] != "punctuation" and (
        len(item) == 1 or item[1][1].upper() in {"COLLATE", "ASC", "DESC"}
    )
