"""Requires a value in a column."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import Hazard, costs, require_values
from dynschema.schema.operations.base import ColumnOperation
from dynschema.schema.questions import Questions


@dataclass(frozen=True)
class TightenField(ColumnOperation):
    """Set NOT NULL on a column; values that people left out are never made up."""

    code = "tighten_field"
    opposite = "relax_field"

    def check(self, questions: Questions) -> list[Hazard]:
        """Refuse when a row has no value.

        Raises:
            EmptyValuesError: a row has no value.
        """
        require_values(questions, self.table, self.column, self.key)
        return costs(questions, self.table, postgresql="SCAN", sqlite="REWRITE")

    def apply(self, editor: Editor) -> None:
        """Set NOT NULL."""
        editor.set_null(self.table, self.column, null=False)

    def describe(self) -> str:
        """Name the field and its table."""
        return f'Make field "{self.column}" of table "{self.table}" required.'
