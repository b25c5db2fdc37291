"""Gives a column another name."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import Hazard, breaks_stale
from dynschema.schema.operations.base import Operation
from dynschema.schema.outlook import Outlook
from dynschema.schema.questions import Questions


@dataclass(frozen=True)
class RenameField(Operation):
    """Rename a column; its values stay, and indexes, constraints and views follow."""

    code = "rename_field"

    key: str | None
    """The key of the field, which stays the same."""
    old: str
    new: str

    def check(self, questions: Questions) -> list[Hazard]:
        """Requests that still use the old name fail until they notice the change."""
        return [breaks_stale(f'know field "{self.old}" of table "{self.table}" by that name')]

    def apply(self, editor: Editor) -> None:
        """Rename it."""
        editor.rename_field(self.table, self.old, self.new)

    def reverse(self) -> RenameField:
        """Give the old name back."""
        return RenameField(self.table, self.key, self.new, self.old)

    def follow(self, outlook: Outlook) -> None:
        """Later operations use the new name."""
        outlook.rename_column(self.table, self.old, self.new)

    def describe(self) -> str:
        """Name both names."""
        return (
            f'Rename field "{self.old}" of table "{self.table}" to "{self.new}"; its values stay.'
        )
