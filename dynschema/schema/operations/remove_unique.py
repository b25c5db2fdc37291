"""Lets values occur more than once."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.operations.base import Removal


@dataclass(frozen=True)
class RemoveUnique(Removal):
    """Remove a unique constraint or a unique index."""

    code = "remove_unique"
    opposite = "add_unique"

    def describe(self) -> str:
        """Name the rule and its table."""
        return f'Remove unique rule "{self.constraint.title}" from table "{self.table}".'
