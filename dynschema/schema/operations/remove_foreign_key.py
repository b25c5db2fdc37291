"""Lets a column hold what no table has."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.operations.base import Removal


@dataclass(frozen=True)
class RemoveForeignKey(Removal):
    """Remove a foreign key; the values stay."""

    code = "remove_foreign_key"
    opposite = "add_foreign_key"

    def describe(self) -> str:
        """Name the foreign key and its table."""
        return (
            f'Remove foreign key "{self.constraint.title}" from table "{self.table}"; '
            "its values stay."
        )
