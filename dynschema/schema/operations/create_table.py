"""Creates a table with its columns, indexes and constraints."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import Hazard, locks_static_tables
from dynschema.schema.operations.base import Operation
from dynschema.schema.operations.retire_table import RetireTable
from dynschema.schema.outlook import Outlook
from dynschema.schema.questions import Questions
from dynschema.schema.spec import TableSpec


@dataclass(frozen=True)
class CreateTable(Operation):
    """Create a table; undoing it retires the table, so that no row is lost."""

    code = "create_table"

    spec: TableSpec

    def check(self, questions: Questions) -> list[Hazard]:
        """See whether tables of others are locked for a moment."""
        return locks_static_tables(questions, self.spec.constraints)

    def apply(self, editor: Editor) -> None:
        """Create it."""
        editor.create_table(self.spec)

    def reverse(self) -> RetireTable:
        """Retire the table and its foreign keys."""
        return RetireTable(
            self.table, tuple(each for each in self.spec.constraints if each.references)
        )

    def follow(self, outlook: Outlook) -> None:
        """The table has no rows while the questions are asked."""
        outlook.create_table(self.table)

    def describe(self) -> str:
        """Name the table and count its fields."""
        count = len(self.spec.fields)
        return f'Create table "{self.table}" with {count} field{"s"[: count != 1]}.'
