"""Adds a check or an exclusion."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.operations.base import Addition


@dataclass(frozen=True)
class AddConstraint(Addition):
    """Add a check or an exclusion; a check is refused while rows break it."""

    code = "add_constraint"
    opposite = "remove_constraint"

    def describe(self) -> str:
        """Name the constraint and its table."""
        return f'Add constraint "{self.constraint.title}" to table "{self.table}".'
