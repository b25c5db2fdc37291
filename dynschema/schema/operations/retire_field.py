"""Stops the use of a column and keeps it with its values."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import Hazard, costs, removal_hazards
from dynschema.schema.operations.base import FieldOperation
from dynschema.schema.questions import Questions


@dataclass(frozen=True)
class RetireField(FieldOperation):
    """Retire a column: nothing of it blocks a row any more, and its values stay.

    Attributes:
        field: the column as it is, so that undoing it gives everything back.
        constraints: what goes with it: its foreign key and a unique of this column alone, since
            they could refuse a row or block a deletion; its indexes, since they only cost writes.
    """

    code = "retire_field"
    opposite = "restore_field"

    def check(self, questions: Questions) -> list[Hazard]:
        """See what letting go of the column costs."""
        relaxes = self.field.default is not None or not self.field.null
        hazards = removal_hazards(questions, self.table, self.constraints)
        if relaxes and not hazards:
            return costs(questions, self.table, sqlite="REWRITE")
        return hazards

    def apply(self, editor: Editor) -> None:
        """Remove what could block a row, and the default that would invent values."""
        for constraint in self.constraints:
            editor.remove_constraint(self.table, constraint)
        if self.field.default is not None:
            editor.set_default(self.table, self.field.name, None)
        if not self.field.null:
            editor.set_null(self.table, self.field.name, null=True)

    def describe(self) -> str:
        """Name the field and its table."""
        return (
            f'Retire field "{self.field.name}" of table "{self.table}"; '
            "its values stay and can be restored."
        )
