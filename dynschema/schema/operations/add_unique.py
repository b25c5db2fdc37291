"""Makes values unique."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.operations.base import Addition


@dataclass(frozen=True)
class AddUnique(Addition):
    """Add a unique constraint or a unique index; refused while values occur twice."""

    code = "add_unique"
    opposite = "remove_unique"

    def describe(self) -> str:
        """Name the rule and its table."""
        return f'Add unique rule "{self.constraint.title}" to table "{self.table}".'
