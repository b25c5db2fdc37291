"""Takes a retired table back into use, with the rows that it kept."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import Hazard, check_constraint
from dynschema.schema.operations.base import Operation
from dynschema.schema.questions import Questions
from dynschema.schema.spec import ConstraintSpec


@dataclass(frozen=True)
class RestoreTable(Operation):
    """Restore a table: the foreign keys that retiring removed come back."""

    code = "restore_table"
    opposite = "retire_table"

    constraints: tuple[ConstraintSpec, ...] = ()
    """The foreign keys to add."""

    def check(self, questions: Questions) -> list[Hazard]:
        """Refuse when a row refers to one that was deleted meanwhile."""
        return [
            hazard
            for constraint in self.constraints
            for hazard in check_constraint(questions, self.table, constraint)
        ]

    def apply(self, editor: Editor) -> None:
        """Add the foreign keys."""
        for constraint in self.constraints:
            editor.add_constraint(self.table, constraint)

    def describe(self) -> str:
        """Name the table."""
        return f'Restore table "{self.table}" with the rows that it kept.'
