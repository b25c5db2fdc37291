"""Takes a retired column back into use, with the values that it kept."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import Hazard, check_constraint, costs, require_values
from dynschema.schema.operations.base import FieldOperation
from dynschema.schema.outlook import Outlook
from dynschema.schema.questions import Questions


@dataclass(frozen=True)
class RestoreField(FieldOperation):
    """Restore a column as it is wanted now; the rows written meanwhile get what a new one would.

    Attributes:
        field: the wanted column; its type is the one that the column has.
        constraints: what comes back with it.
    """

    code = "restore_field"
    opposite = "retire_field"

    def check(self, questions: Questions) -> list[Hazard]:
        """Refuse what the kept values, or the rows without one, would not survive.

        Raises:
            EmptyValuesError: the field is required, and nothing fills the rows without a value.
            PlanError: the values stand against a constraint.
        """
        if not self.field.null and self._initial is None:
            require_values(questions, self.table, self.field.name, self.field.key)
        hazards: list[Hazard] = []
        if not self.field.null:
            hazards += costs(questions, self.table, postgresql="SCAN", sqlite="REWRITE")
        filled = questions.after(self)
        for constraint in self.constraints:
            hazards += check_constraint(filled, self.table, constraint)
        return hazards

    def apply(self, editor: Editor) -> None:
        """Fill the gaps, then put back what retiring removed."""
        field = self.field
        if self._fills:
            editor.fill(self.table, field.name, self._initial or "")
        if field.default is not None:
            editor.set_default(self.table, field.name, field.default)
        if not field.null:
            editor.set_null(self.table, field.name, null=False)
        for constraint in self.constraints:
            editor.add_constraint(self.table, constraint)

    def follow(self, outlook: Outlook) -> None:
        """Later operations find the gaps filled."""
        if self._fills:
            outlook.fill_column(self.table, self.field)

    def describe(self) -> str:
        """Name the field and its table."""
        return (
            f'Restore field "{self.field.name}" of table "{self.table}" '
            "with the values that it kept."
        )

    @property
    def _initial(self) -> str | None:
        return self.field.default if self.field.fill is None else self.field.fill

    @property
    def _fills(self) -> bool:
        return not self.field.null and self._initial is not None
