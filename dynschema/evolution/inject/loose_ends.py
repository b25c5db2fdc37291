"""Finds rows between two models, one of which went while nobody looked after them, to drop them.

A many-to-many field that is not injected any more leaves its table behind, without foreign keys.
When it comes back, a row that has lost one side means nothing, and would have gone with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.evolution.inject.subjects import Subject
from dynschema.schema.compare import current_columns
from dynschema.schema.diff import Difference
from dynschema.schema.operations import WidenField
from dynschema.schema.outlook import Outlook
from dynschema.schema.questions import TARGET
from dynschema.schema.sqltext import quote


@dataclass(frozen=True)
class LooseEnds:
    """The rows of one table that are to go."""

    key: str
    """Of the table."""
    table: str
    """Its name as it is now."""
    condition: str
    """What is true for these rows, as SQL."""

    @property
    def rows(self) -> str:
        """The rows, for use after SELECT and DELETE."""
        return f"FROM {quote(self.table)} WHERE {self.condition}"

    @property
    def sql(self) -> str:
        """The statement that drops them."""
        return f"DELETE {self.rows}"


def find_loose_ends(
    connection: BaseDatabaseWrapper,
    subjects: Iterable[Subject],
    differences: Mapping[str, Difference],
) -> list[LooseEnds]:
    """Return the rows that have to go before tables are taken back into use.

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
    return [each for each in found if _has_rows(connection, each)]


def outlook_without(loose_ends: Iterable[LooseEnds]) -> Outlook:
    """Return how the data will look when these rows are gone."""
    return Outlook(gone={each.table: each.condition for each in loose_ends})


def drop(connection: BaseDatabaseWrapper, loose_ends: Iterable[LooseEnds]) -> None:
    """Drop these rows."""
    with connection.cursor() as cursor:
        for each in loose_ends:
            cursor.execute(each.sql)


def _conditions(subject: Subject, difference: Difference) -> Iterator[str]:
    """Yield for each side what is true when it is gone."""
    wanted, applied, actual = subject.wanted, subject.applied, subject.actual
    if not subject.is_own or wanted is None or actual is None or applied is None or applied.live:
        return
    columns = current_columns(wanted, applied)
    # Values of two types cannot be compared; such a row is refused as any other.
    columns = {
        name: column for name, column in columns.items() if name not in _changing(difference)
    }
    for constraint in wanted.constraints:
        target, (name, *_) = constraint.references, constraint.columns
        if target and name in columns:
            own = f"{quote(actual.name)}.{quote(columns[name])}"
            theirs = f"{TARGET}.{quote(target.columns[0])}"
            others = f"{quote(target.table)} AS {TARGET}"
            yield f"NOT EXISTS (SELECT 1 FROM {others} WHERE {theirs} = {own})"


def _changing(difference: Difference) -> set[str]:
    widened = (each for each in difference.operations if isinstance(each, WidenField))
    return {each.new.name for each in widened}


def _has_rows(connection: BaseDatabaseWrapper, loose_ends: LooseEnds) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 {loose_ends.rows})")
        return bool(cursor.fetchone()[0])
