"""Stops the use of a table and keeps it with its rows."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import Hazard, removal_hazards
from dynschema.schema.operations.base import Operation
from dynschema.schema.questions import Questions
from dynschema.schema.spec import ConstraintSpec


@dataclass(frozen=True)
class RetireTable(Operation):
    """Retire a table: its rows stay, its foreign keys go, so that they block no deletion."""

    code = "retire_table"
    opposite = "restore_table"

    constraints: tuple[ConstraintSpec, ...] = ()
    """The foreign keys of the table, as they are."""

    def check(self, questions: Questions) -> list[Hazard]:
        """See what removing the foreign keys costs."""
        return removal_hazards(questions, self.table, self.constraints)

    def apply(self, editor: Editor) -> None:
        """Remove the foreign keys."""
        editor.remove_constraints(self.table, self.constraints)

    def describe(self) -> str:
        """Name the table."""
        return f'Retire table "{self.table}"; its rows stay and can be restored.'
