"""Lets a column be empty."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import Hazard, costs
from dynschema.schema.operations.base import ColumnOperation
from dynschema.schema.questions import Questions


@dataclass(frozen=True)
class RelaxField(ColumnOperation):
    """Drop NOT NULL from a column."""

    code = "relax_field"
    opposite = "tighten_field"

    def check(self, questions: Questions) -> list[Hazard]:
        """See what it costs: SQLite builds the table anew."""
        return costs(questions, self.table, sqlite="REWRITE")

    def apply(self, editor: Editor) -> None:
        """Drop NOT NULL."""
        editor.set_null(self.table, self.column, null=True)

    def describe(self) -> str:
        """Name the field and its table."""
        return f'Make field "{self.column}" of table "{self.table}" optional.'
