"""Adds a column, with the checks and the foreign key of that column alone."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import (
    Hazard,
    breaks_stale,
    costs,
    locks_static_tables,
    refuse_constraint,
    require_fill,
)
from dynschema.schema.operations.base import FieldOperation
from dynschema.schema.operations.retire_field import RetireField
from dynschema.schema.outlook import Outlook
from dynschema.schema.questions import Questions


@dataclass(frozen=True)
class AddField(FieldOperation):
    """Add a column; the rows there get `field.fill`. Undoing it retires the column."""

    code = "add_field"

    def check(self, questions: Questions) -> list[Hazard]:
        """Refuse what would leave the rows there without a value, or with a forbidden one.

        Raises:
            RequiredWithoutDefaultError: there are rows, and nothing to fill them with.
            PlanError: what they would be filled with stands against a constraint.
        """
        if self._is_required and self.field.fill is None:
            require_fill(questions, self.table, self.field)
        if self._initial is not None:
            filled = questions.after(self)
            for constraint in self.constraints:
                refuse_constraint(filled, self.table, constraint)
        return [
            *self._costs(questions),
            *locks_static_tables(questions, self.constraints),
        ]

    def apply(self, editor: Editor) -> None:
        """Add it."""
        editor.add_field(self.table, self.field, self.constraints)

    def reverse(self) -> RetireField:
        """Retire the column; its checks stay, since they hold for an empty value."""
        gone = tuple(each for each in self.constraints if each.kind != "check")
        return RetireField(self.table, self.field, gone)

    def follow(self, outlook: Outlook) -> None:
        """The rows there will have the value that they are filled with."""
        outlook.add_column(self.table, self.field)

    def describe(self) -> str:
        """Name the field, its type and its table."""
        required = "" if self.field.null else "required "
        return (
            f'Add {required}field "{self.field.name}" ({self.field.type}) to table "{self.table}".'
        )

    @property
    def _initial(self) -> str | None:
        return self.field.default if self.field.fill is None else self.field.fill

    @property
    def _is_required(self) -> bool:
        field = self.field
        return not (field.null or field.default is not None or "GENERATED" in field.extra)

    def _costs(self, questions: Questions) -> list[Hazard]:
        hazards = []
        if self.field.fill is not None and not self.field.keep_fill:
            hazards += costs(questions, self.table, sqlite="REWRITE")
        if self._is_required and not self.field.keep_fill:
            what = f'add to table "{self.table}" without field "{self.field.name}"'
            hazards.append(breaks_stale(what))
        return hazards
