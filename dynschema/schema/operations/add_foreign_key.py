"""Makes a column refer to rows of a table."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.operations.base import Addition


@dataclass(frozen=True)
class AddForeignKey(Addition):
    """Add a foreign key; refused while a row refers to one that is not there."""

    code = "add_foreign_key"
    opposite = "remove_foreign_key"

    def describe(self) -> str:
        """Name the fields and both tables."""
        return f'Add foreign key "{self.constraint.title}" to table "{self.table}".'
