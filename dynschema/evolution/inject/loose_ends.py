"""Finds what refers to rows that went while nobody looked after it, to drop it.

A many-to-many field that is not injected any more leaves its table behind, without foreign keys.
When it comes back, a row that has lost one side means nothing, and would have gone with it. The
same goes for the value of a foreign key whose target was deleted, table and all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.evolution.inject.subjects import Subject
from dynschema.schema.applied import Applied
from dynschema.schema.compare import current_columns
from dynschema.schema.diff import Difference
from dynschema.schema.operations import WidenField
from dynschema.schema.outlook import Outlook, Value
from dynschema.schema.questions import TARGET
from dynschema.schema.spec import ConstraintSpec, TableSpec
from dynschema.schema.sqltext import quote


@dataclass(frozen=True)
class LooseEnds:
    """The rows of one table that are to go, or the values of one column."""

    key: str
    """Of the table."""
    table: str
    """Its name as it is now."""
    condition: str
    """What is true for these rows, as SQL."""
    column: str = ""
    """Its name as it is now, when the rows stay and lose only their value there."""

    @property
    def rows(self) -> str:
        """The rows, for use after SELECT and DELETE."""
        return f"FROM {quote(self.table)} WHERE {self.condition}"

    @property
    def sql(self) -> str:
        """The statement that drops them, or the values."""
        if self.column:
            cleared = f"{quote(self.column)} = NULL"
            return f"UPDATE {quote(self.table)} SET {cleared} WHERE {self.condition}"
        return f"DELETE {self.rows}"

    @property
    def value(self) -> Value:
        """What the column has then."""
        return Value(f"CASE WHEN NOT ({self.condition}) THEN {quote(self.column)} END")


def find_loose_ends(
    connection: BaseDatabaseWrapper,
    subjects: Iterable[Subject],
    differences: Mapping[str, Difference],
) -> list[LooseEnds]:
    """Return the rows and values that have to go before what has them is taken back into use.

    Args:
        connection: the database.
        subjects: the tables with injected fields.
        differences: what is to be done to them, by key.
    """
    found = []
    for each in subjects:
        if conditions := list(_conditions(each, differences[each.key])):
            assert each.actual is not None
            found.append(LooseEnds(each.key, each.actual.name, " OR ".join(conditions)))
        found += _values(each, differences[each.key])
    return [each for each in found if _has_rows(connection, each)]


def outlook_without(loose_ends: Iterable[LooseEnds]) -> Outlook:
    """Return how the data will look when they are gone."""
    outlook = Outlook()
    for each in loose_ends:
        if each.column:
            outlook.columns.setdefault(each.table, {})[each.column] = each.value
        else:
            outlook.gone[each.table] = each.condition
    return outlook


def drop(connection: BaseDatabaseWrapper, loose_ends: Iterable[LooseEnds]) -> None:
    """Drop these rows and values."""
    with connection.cursor() as cursor:
        for each in loose_ends:
            cursor.execute(each.sql)


def _conditions(subject: Subject, difference: Difference) -> Iterator[str]:
    """Yield for each side what is true when it is gone."""
    wanted, applied, actual = subject.wanted, subject.applied, subject.actual
    if not subject.is_own or wanted is None or actual is None or applied is None or applied.live:
        return
    yield from _without_target(wanted, applied, actual, difference).values()


def _values(subject: Subject, difference: Difference) -> Iterator[LooseEnds]:
    """Yield for each column whose target was deleted the values that refer to no row.

    A column that stays out of use is looked after as soon as there is such a table again. A
    required column must not be empty; its values are refused as any other.
    """
    wanted, applied, actual = subject.wanted, subject.applied, subject.actual
    if wanted is None or actual is None or applied is None:
        return
    conditions = {each.columns[0]: _unknown(subject, each) for each in subject.returned}
    for column in current_columns(wanted, applied).values():
        conditions.pop(column, None)
    lost = {each.columns[0] for each in subject.former if not each.valid}
    used = _without_target(wanted, applied, actual, difference)
    conditions |= {column: used[column] for column in used.keys() & lost}
    for column, condition in sorted(conditions.items()):
        found = actual.field(column)
        if found is not None and found.null:
            condition = f"{quote(column)} IS NOT NULL AND {condition}"
            yield LooseEnds(subject.key, actual.name, condition, column)


def _unknown(subject: Subject, constraint: ConstraintSpec) -> str:
    """Return what is true for rows that refer to no row; the other table may be quite another."""
    target = constraint.references
    assert target is not None, constraint
    if target.columns[0] not in _columns(subject.connection, target.table):
        return "1 = 1"
    own = f"CAST({quote(subject.table)}.{quote(constraint.columns[0])} AS text)"
    theirs = f"CAST({TARGET}.{quote(target.columns[0])} AS text)"
    return f"NOT EXISTS (SELECT 1 FROM {quote(target.table)} AS {TARGET} WHERE {theirs} = {own})"


def _without_target(
    wanted: TableSpec, applied: Applied, actual: TableSpec, difference: Difference
) -> dict[str, str]:
    """Return by column what is true for rows in which it refers to no row."""
    # Values of two types cannot be compared; such a row is refused as any other.
    columns = {
        name: column
        for name, column in current_columns(wanted, applied).items()
        if name not in _changing(difference)
    }
    found = {}
    for constraint in wanted.constraints:
        target, (name, *_) = constraint.references, constraint.columns
        if target and name in columns:
            own = f"{quote(actual.name)}.{quote(columns[name])}"
            theirs = f"{TARGET}.{quote(target.columns[0])}"
            others = f"{quote(target.table)} AS {TARGET}"
            same = f"SELECT 1 FROM {others} WHERE {theirs} = {own}"
            found[columns[name]] = f"NOT EXISTS ({same})"
    return found


def _columns(connection: BaseDatabaseWrapper, table: str) -> set[str]:
    with connection.cursor() as cursor:
        return {each.name for each in connection.introspection.get_table_description(cursor, table)}


def _changing(difference: Difference) -> set[str]:
    widened = (each for each in difference.operations if isinstance(each, WidenField))
    return {each.new.name for each in widened}


def _has_rows(connection: BaseDatabaseWrapper, loose_ends: LooseEnds) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 {loose_ends.rows})")
        return bool(cursor.fetchone()[0])
