"""Removes a check or an exclusion."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.operations.base import Removal


@dataclass(frozen=True)
class RemoveConstraint(Removal):
    """Remove a check or an exclusion."""

    code = "remove_constraint"
    opposite = "add_constraint"

    def describe(self) -> str:
        """Name the constraint and its table."""
        return f'Remove constraint "{self.constraint.title}" from table "{self.table}".'
