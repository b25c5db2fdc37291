"""The questions put to the data before a plan touches it: counts, and a few examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.schema.constrainttext import checked, condition, expressions, nulls_are_equal
from dynschema.schema.dialects import dialect_of
from dynschema.schema.outlook import NOTHING, Outlook, Value
from dynschema.schema.spec import ConstraintSpec, TableSpec
from dynschema.schema.sqltext import quote
from dynschema.schema.widening import verdict

EXAMPLES = 3
"""How many rows an error names: enough to see what is wrong, few enough to read."""
EXAMPLE_CHARACTERS = 40
COUNT = quote("dynschema_count")
TARGET = quote("dynschema_target")


class Follower(Protocol):
    """Anything that changes the outlook for later operations."""

    def follow(self, outlook: Outlook) -> None:
        """Change the outlook."""


@dataclass(frozen=True)
class Findings:
    """The rows that a question found; False when there are none."""

    count: int = 0
    examples: str = ""
    """At most three of them, e.g. `record 17 "forty", record 18 "fifty"`."""

    def __bool__(self) -> bool:
        return self.count > 0


class Questions:
    """Asks about tables and columns under the names that they have when an operation runs."""

    def __init__(self, connection: BaseDatabaseWrapper, outlook: Outlook | None = None) -> None:
        self.connection = connection
        self.outlook = outlook or Outlook()

    @property
    def vendor(self) -> str:
        """The kind of database: `sqlite` or `postgresql`."""
        return self.connection.vendor

    def after(self, operation: Follower) -> Questions:
        """Return the questions of what runs after this operation."""
        outlook = self.outlook.copy()
        operation.follow(outlook)
        return Questions(self.connection, outlook)

    def is_empty(self, table: str) -> bool:
        """Tell whether the table has no row."""
        present = self.outlook.present_table(table)
        return present is None or not self._one(f"SELECT EXISTS (SELECT 1 FROM {quote(present)})")

    def count_rows(self, table: str) -> int:
        """Count the rows of the table."""
        present = self.outlook.present_table(table)
        return self._one(f"SELECT COUNT(*) FROM {quote(present)}") if present else 0

    def empty_values(self, table: str, column: str) -> Findings:
        """Find the rows without a value in a column."""
        return self._find(table, f"{quote(column)} IS NULL")

    def values(self, table: str, column: str) -> Findings:
        """Find the rows with a value in a column."""
        return self._find(table, f"{quote(column)} IS NOT NULL", [quote(column)])

    def violations(self, table: str, check: ConstraintSpec) -> Findings:
        """Find the rows that break a check; one that cannot tell (NULL) does not break it."""
        return self._find(table, f"NOT {checked(check.sql)}", list(map(quote, check.columns)))

    def missing_targets(self, table: str, key: ConstraintSpec) -> Findings:
        """Find the rows that refer to a row that is not there."""
        target = key.references
        assert target is not None, key
        own = [f"{quote(table)}.{quote(column)}" for column in key.columns]
        theirs = [f"{TARGET}.{quote(column)}" for column in target.columns]
        where = [f"{each} IS NOT NULL" for each in own]
        if self.outlook.present_table(target.table) is not None:
            same = _both(f"{left} = {right}" for left, right in zip(theirs, own, strict=True))
            rows = self._source(target.table, TARGET)
            where.append(f"NOT EXISTS (SELECT 1 FROM {rows} WHERE {same})")
        return self._find(table, _both(where), own)

    def duplicates(self, table: str, unique: ConstraintSpec) -> Findings:
        """Find the rows that share their values with another, where a unique would apply."""
        shared = expressions(unique.sql)
        where = [] if nulls_are_equal(unique.sql) else [f"{each} IS NOT NULL" for each in shared]
        if only := condition(unique.sql):
            where.append(f"({only})")
        groups = f"COUNT(*) OVER (PARTITION BY {', '.join(shared)}) AS {COUNT}"
        rows = (
            f"(SELECT *, {groups} FROM {self._source(table, quote(table))} "
            f"WHERE {_both(where)}) AS {quote(table)}"
        )
        return self._find(table, f"{COUNT} > 1", shared, rows)

    def _find(self, table: str, where: str, shown: Sequence[str] = (), rows: str = "") -> Findings:
        """Count the rows for which the condition holds, and show a few if there are any."""
        if self.outlook.present_table(table) is None:
            return Findings()
        found = f"{rows or self._source(table, quote(table))} WHERE {where}"
        count = self._one(f"SELECT COUNT(*) FROM {found}")
        # Equal values side by side; only what can be unique is sure to have an order.
        order = shown if rows else ()
        return Findings(count, self._examples(table, found, shown, order) if count else "")

    def _examples(self, table: str, found: str, shown: Sequence[str], order: Sequence[str]) -> str:
        """Name the first rows."""
        keys = self._primary_key(table)
        columns = ", ".join([*keys, *shown]) or "1"
        ordered = ", ".join([*order, *keys]) or "NULL"
        rows = self._all(f"SELECT {columns} FROM {found} ORDER BY {ordered} LIMIT {EXAMPLES + 1}")
        named = [_example(row[: len(keys)], row[len(keys) :]) for row in rows[:EXAMPLES]]
        return ", ".join([*named, "…"] if len(rows) > EXAMPLES else named)

    def _primary_key(self, table: str) -> list[str]:
        """Return the later name of the primary key, quoted; nothing if there is none."""
        present = self._present(table)
        keys = [field.name for field in present.fields if "PRIMARY KEY" in field.extra]
        return [quote(self.outlook.later_column(table, key)) for key in keys]

    def _source(self, table: str, alias: str) -> str:
        """Return the rows of a table, with the columns that it will have, for use after FROM."""
        changed = self.outlook.columns.get(table, {})
        name = self.outlook.present_table(table)
        gone = self.outlook.gone.get(name or "")
        if name is None or not (changed or gone):
            return f"{quote(name or table)} AS {alias}"
        present = self._present(table)
        kept = [quote(field.name) for field in present.fields if field.name not in changed]
        values = [f"{self._sql(value)} AS {quote(name)}" for name, value in changed.items()]
        where = f" WHERE NOT ({gone})" if gone else ""
        return f"(SELECT {', '.join(kept + values)} FROM {quote(present.name)}{where}) AS {alias}"

    def _present(self, table: str) -> TableSpec:
        """Read the table as it is now."""
        name = self.outlook.present_table(table) or table
        return dialect_of(self.connection).read_tables(self.connection, [name])[name]

    def _sql(self, value: Value) -> str:
        """Return the value with its type where the database would not know it."""
        sql = self._cast(NOTHING if self._is_empty(value) else value.sql, value.type)
        return self._cast(f"COALESCE({sql}, {value.fill})", value.type) if value.fill else sql

    def _is_empty(self, value: Value) -> bool:
        """True where a type changes for which there may be no cast: no row has a value then."""
        if value.former_type is None or value.type is None:
            return False
        return not verdict(self.vendor, value.former_type, value.type).lossless

    def _cast(self, sql: str, type_sql: str | None) -> str:
        # SQLite's CAST turns "2024-01-01" AS date into 2024, and needs no type to compare.
        return sql if type_sql is None or self.vendor == "sqlite" else f"CAST({sql} AS {type_sql})"

    def _one(self, sql: str) -> Any:
        return self._all(sql)[0][0]

    def _all(self, sql: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())


def _example(keys: Sequence[Any], values: Sequence[Any]) -> str:
    """Return `record 17 "forty"`."""
    record = [f"record {key}" for key in keys]
    shown = " and ".join(_shortened(value) for value in values if value is not None)
    return " ".join([*record, shown] if shown else record)


def _shortened(value: Any) -> str:
    text = str(value)
    return f'"{text[:EXAMPLE_CHARACTERS]}…"' if len(text) > EXAMPLE_CHARACTERS else f'"{text}"'


def _both(conditions: Iterable[str]) -> str:
    return " AND ".join(conditions) or "1 = 1"
