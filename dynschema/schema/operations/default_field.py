"""Sets, changes or drops the default that the database itself fills in."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import Hazard, costs
from dynschema.schema.operations.base import FieldChange
from dynschema.schema.questions import Questions


@dataclass(frozen=True)
class DefaultField(FieldChange):
    """Change the default of a column; rows that exist keep their values."""

    code = "default_field"

    def check(self, questions: Questions) -> list[Hazard]:
        """See what it costs: SQLite builds the table anew."""
        return costs(questions, self.table, sqlite="REWRITE")

    def apply(self, editor: Editor) -> None:
        """Set or drop the default."""
        editor.set_default(self.table, self.new.name, self.new.default)

    def describe(self) -> str:
        """Name the field and the default."""
        subject = f'default of field "{self.new.name}" of table "{self.table}"'
        if self.new.default is None:
            return f"Drop the {subject}."
        return f"Set the {subject} to {self.new.default}."
