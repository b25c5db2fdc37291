"""Adds an index."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.operations.base import Addition


@dataclass(frozen=True)
class AddIndex(Addition):
    """Add an index that is not unique."""

    code = "add_index"
    opposite = "remove_index"

    def describe(self) -> str:
        """Name the index and its table."""
        return f'Add index "{self.constraint.title}" to table "{self.table}".'
