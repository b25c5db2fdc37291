"""How the data will look when an operation runs, told in terms of the data as it is now.

All questions of a plan are put to the data before its first statement. An operation may speak of a
column that an earlier one renames, adds or fills; here is where its values are until then.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from dynschema.schema.spec import FieldSpec
from dynschema.schema.sqltext import quote


@dataclass(frozen=True)
class Value:
    """The SQL that gives a later column's value, put to the table as it is now."""

    sql: str
    type: str | None = None
    """The type of the later column; None where the SQL is a column and has its own."""
    former_type: str | None = None
    """The type that the SQL has; None where it is that of the later column."""
    fill: str | None = None
    """SQL for the rows that have no value."""


NOTHING = "NULL"


@dataclass
class Outlook:
    """The later names, each with what stands for it now; what is not named here stays as it is."""

    tables: dict[str, str | None] = field(default_factory=dict)
    """Later name → present name, or None for a table that is not there yet."""
    columns: dict[str, dict[str, Value]] = field(default_factory=dict)
    """Later table → later column → its value."""
    gone: dict[str, str] = field(default_factory=dict)
    """Present table → the SQL that is true for the rows that will have gone."""

    def copy(self) -> Outlook:
        """Return an outlook that can go on from here without changing this one."""
        columns = {name: dict(of) for name, of in self.columns.items()}
        return Outlook(dict(self.tables), columns, self.gone)

    def present_table(self, table: str) -> str | None:
        """Return the present name of a table, or None when it is not there yet."""
        return self.tables.get(table, table)

    def value(self, table: str, column: str) -> Value:
        """Return what stands for a column now."""
        return self.columns.get(table, {}).get(column, Value(quote(column)))

    def is_added(self, table: str, column: str) -> bool:
        """Tell whether a column appears, so that all rows there get the same value."""
        value = self.value(table, column)
        return value.type is not None and value.former_type is None

    def later_column(self, table: str, present: str) -> str:
        """Return the later name of a column that has this name now."""
        columns = self.columns.get(table, {})
        renamed = (name for name, value in columns.items() if value == Value(quote(present)))
        return next(renamed, present)

    def create_table(self, table: str) -> None:
        """A table appears."""
        self.tables[table] = None

    def rename_table(self, old: str, new: str) -> None:
        """A table gets another name."""
        self.tables[new] = self.tables.pop(old, old)
        if old in self.columns:
            self.columns[new] = self.columns.pop(old)

    def add_column(self, table: str, added: FieldSpec) -> None:
        """A column appears; the rows there get its fill, its default, or nothing."""
        sql = added.fill or added.default or NOTHING
        self._set(table, added.name, Value(sql, added.type))

    def fill_column(self, table: str, filled: FieldSpec) -> None:
        """The rows without a value get one."""
        value = self.value(table, filled.name)
        self._set(table, filled.name, replace(value, fill=filled.fill or filled.default))

    def change_type(self, table: str, old: FieldSpec, new: FieldSpec) -> None:
        """A column gets another type, and so do its values."""
        value = self.value(table, new.name)
        self._set(table, new.name, replace(value, type=new.type, former_type=old.type))

    def rename_column(self, table: str, old: str, new: str) -> None:
        """A column gets another name."""
        value = self.value(table, old)
        self.columns.get(table, {}).pop(old, None)
        self._set(table, new, value)

    def _set(self, table: str, column: str, value: Value) -> None:
        self.columns.setdefault(table, {})[column] = value
