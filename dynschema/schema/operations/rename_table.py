"""Gives a table another name."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import Hazard, breaks_stale
from dynschema.schema.operations.base import Operation
from dynschema.schema.outlook import Outlook
from dynschema.schema.questions import Questions


@dataclass(frozen=True)
class RenameTable(Operation):
    """Rename a table; rows, indexes and the foreign keys of others stay."""

    code = "rename_table"

    new: str

    def check(self, questions: Questions) -> list[Hazard]:
        """Requests that still use the old name fail until they notice the change."""
        return [breaks_stale(f'know table "{self.table}" by that name')]

    def apply(self, editor: Editor) -> None:
        """Rename it."""
        editor.rename_table(self.table, self.new)

    def reverse(self) -> RenameTable:
        """Give the old name back."""
        return RenameTable(self.new, self.table)

    def follow(self, outlook: Outlook) -> None:
        """Later operations use the new name."""
        outlook.rename_table(self.table, self.new)

    def describe(self) -> str:
        """Name both names."""
        return f'Rename table "{self.table}" to "{self.new}"; its rows stay.'
