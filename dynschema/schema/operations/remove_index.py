"""Removes an index."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.operations.base import Removal


@dataclass(frozen=True)
class RemoveIndex(Removal):
    """Remove an index that is not unique; no value is touched."""

    code = "remove_index"
    opposite = "add_index"

    def describe(self) -> str:
        """Name the index and its table."""
        return f'Remove index "{self.constraint.title}" from table "{self.table}".'
