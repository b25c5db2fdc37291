"""The nouns of a table: frozen, comparable values that know no Django and no database.

The same three classes describe the *wanted* table (in the spelling of Django) and the *actual* one
(in the spelling of the server). `normal` of a dialect turns the first spelling into the second, so
that comparing is plain equality.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from dynschema.schema.sqltext import rename_identifiers

ConstraintKind = Literal["index", "unique", "check", "exclude", "foreign_key"]


@dataclass(frozen=True)
class FieldSpec:
    """One column."""

    name: str
    """The column's name in the database, without quotes."""
    type: str
    """The type as SQL, e.g. `varchar(200)`."""
    null: bool = True
    default: str | None = None
    """The default that the database itself fills in, as SQL."""
    extra: str = ""
    """What else stands in its definition: collation, identity, generation, `PRIMARY KEY`."""
    key: str | None = None
    """The lasting identity (`question:17`); None for a column that no definition made."""
    fill: str | None = None
    """SQL literal for the rows that exist when the column is added; only a wanted field has one."""
    keep_fill: bool = False
    """True when `fill` is constant and may stay as the default, so that stale writers work."""
    meaning: str = ""
    """What the values mean where the type does not tell: `duration`, `json`; of a wanted field."""

    @property
    def shape(self) -> tuple[str, bool, str | None, str]:
        """All that is compared besides the name."""
        return self.type, self.null, self.default, self.extra

    @property
    def type_in_words(self) -> str:
        """The type, and what it does not tell of the values."""
        return f"{self.type} ({self.meaning})" if self.meaning else self.type

    def renamed(self, columns: Mapping[str, str]) -> FieldSpec:
        """Return this field with its own name, and the names in its SQL, replaced."""
        return replace(
            self,
            name=columns.get(self.name, self.name),
            extra=rename_identifiers(self.extra, columns),
        )


@dataclass(frozen=True)
class Reference:
    """Where a foreign key points, and what happens there."""

    table: str
    columns: tuple[str, ...]
    on_delete: str = "NO ACTION"
    """The action of the database, e.g. `CASCADE`."""
    deferrable: bool = True
    """True for DEFERRABLE INITIALLY DEFERRED, as Django makes them."""
    key: str | None = None
    """The key of the table pointed at, when that is a dynamic table."""


@dataclass(frozen=True)
class ConstraintSpec:
    """Anything of a table besides its columns: an index, a unique, a check, a foreign key."""

    kind: ConstraintKind
    name: str | None
    """None when the database made up no name (a check inside an SQLite column)."""
    columns: tuple[str, ...]
    """The plain columns concerned, in order; expressions are only in `sql`."""
    sql: str = ""
    """What follows the name of the table or constraint: `("age") WHERE "age" > 3`, `CHECK (…)`."""
    unique: bool = False
    """True for a unique constraint and for a unique index."""
    references: Reference | None = None
    """Only for a foreign key."""
    valid: bool = True
    """False for an index or constraint that the server keeps but does not enforce yet."""

    @property
    def title(self) -> str:
        """What to call it for people."""
        return self.name or ", ".join(self.columns)

    @property
    def shape(self) -> tuple[Any, ...]:
        """All that is compared besides the name."""
        target = replace(self.references, key=None) if self.references else None
        return self.kind, self.columns, self.sql, self.unique, target, self.valid

    def renamed(self, columns: Mapping[str, str]) -> ConstraintSpec:
        """Return this constraint with the names of columns replaced."""
        return replace(
            self,
            columns=tuple(columns.get(name, name) for name in self.columns),
            sql=rename_identifiers(self.sql, columns),
        )

    def pointing(self, tables: Mapping[str, str]) -> ConstraintSpec:
        """Return this constraint with the name of the table that it refers to replaced."""
        target = self.references
        if target is None or target.table not in tables:
            return self
        return replace(self, references=replace(target, table=tables[target.table]))


@dataclass(frozen=True)
class TableSpec:
    """One table."""

    name: str
    fields: tuple[FieldSpec, ...]
    constraints: tuple[ConstraintSpec, ...] = ()
    key: str | None = None
    """The lasting identity (`survey:3`); None for a table read from the catalog."""
    catalog_print: str = field(default="", compare=False, repr=False)
    """Digest of all that the catalog says of it; only for a table read from there."""

    def field(self, name: str) -> FieldSpec | None:
        """Return the field with this column name, or None."""
        return next((field for field in self.fields if field.name == name), None)

    def field_by_key(self, key: str) -> FieldSpec | None:
        """Return the field with this key, or None."""
        return next((field for field in self.fields if field.key == key), None)

    def constraint(self, name: str) -> ConstraintSpec | None:
        """Return the constraint with this name, or None."""
        return next((each for each in self.constraints if each.name == name), None)

    def constraints_of(self, column: str) -> Iterator[ConstraintSpec]:
        """Yield the constraints in which the column takes part."""
        return (each for each in self.constraints if column in each.columns)

    def pointing(self, tables: Mapping[str, str]) -> TableSpec:
        """Return this table with the names of the tables that it refers to replaced."""
        return replace(self, constraints=tuple(each.pointing(tables) for each in self.constraints))

    def renamed(self, table: str, columns: Mapping[str, str]) -> TableSpec:
        """Return this table under other names; `columns` may swap names."""
        columns = {old: new for old, new in columns.items() if old != new}
        if not columns:
            return replace(self, name=table) if table != self.name else self
        return replace(
            self,
            name=table,
            fields=tuple(field.renamed(columns) for field in self.fields),
            constraints=tuple(each.renamed(columns) for each in self.constraints),
        )
