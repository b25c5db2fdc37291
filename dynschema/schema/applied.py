"""What the history remembers of a table: whose each column is, and what was asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from dynschema.schema.spec import TableSpec


@dataclass(frozen=True)
class AppliedField:
    """A column that some definition asked for once."""

    key: str
    name: str
    """The field's name in the model."""
    column: str
    live: bool = True
    former_columns: tuple[str, ...] = ()
    """The names that the column had before; they are never given to another key."""
    meaning: str | None = None
    """What its values mean, as that of a `FieldSpec`; a retired column keeps it. None if nobody
    knows any more."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Where a table is, and whose each of its columns is: enough to build the class.

    Its fields do not tell what their columns were called before, nor what their values mean.
    """

    key: str
    name: str
    model_name: str
    fields: tuple[AppliedField, ...]
    live: bool = True
    pk: int | None = None
    """Of the stored record; None before the first change."""
    blueprint: str = ""
    """Label of the blueprint, `surveymaker.Responses`."""
    definition: str = ""
    """Primary key of the definition, as text."""
    class_print: str = ""
    """Digest of the class that the table was last used with."""

    @cached_property
    def by_key(self) -> dict[str, AppliedField]:
        """The fields by their lasting identity."""
        return {field.key: field for field in self.fields}

    @cached_property
    def live_keys(self) -> frozenset[str]:
        """The keys of the fields in use."""
        return frozenset(field.key for field in self.fields if field.live)


@dataclass(frozen=True, kw_only=True)
class Applied(Placed):
    """A table as the history last left it."""

    wanted: TableSpec
    """In the spelling of Django, as definitions last asked for it."""
    actual: TableSpec
    """The same table as the catalog showed it right after that."""
    seen: TableSpec | None = field(default=None, compare=False, repr=False)
    """All of it, what is not ours and what is retired too, while this process remembers it."""
    catalog_print: str = field(default="", compare=False)
    """That of the table if nothing differed from what was wanted; it is not read back."""

    @cached_property
    def owners(self) -> dict[str, str]:
        """The key to which each name of a column was ever given; names in lower case."""
        return {
            column.lower(): field.key
            for field in self.fields
            for column in (*field.former_columns, field.column)
        }
