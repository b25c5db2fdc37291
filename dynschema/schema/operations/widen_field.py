"""Gives a column a type that holds every value of the old one."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import Hazard, costs, require_no_values
from dynschema.schema.operations.base import FieldChange
from dynschema.schema.outlook import Outlook
from dynschema.schema.questions import Questions
from dynschema.schema.widening import Verdict, verdict


@dataclass(frozen=True)
class WidenField(FieldChange):
    """Change a column's type; no value is lost, cut or rounded."""

    code = "widen_field"
    needs_look = True

    def check(self, questions: Questions) -> list[Hazard]:
        """Refuse a type that is not sure to hold every value, unless there is no value yet.

        Raises:
            LossyChangeError: there are values, and they are not sure to survive.
        """
        answer = verdict(questions.vendor, self.old.type, self.new.type)
        if not self._keeps_values(answer):
            require_no_values(questions, self.table, self.old, self.new)
        codes = (
            {"sqlite": "REWRITE"}
            if answer.instant
            else {"sqlite": "REWRITE", "postgresql": "REWRITE"}
        )
        return costs(questions, self.table, **codes)

    def apply(self, editor: Editor) -> None:
        """Change the type; a default is not converted with it, so it gives way to the new one."""
        answer = verdict(editor.connection.vendor, self.old.type, self.new.type)
        if self.old.default is not None and not answer.instant:
            editor.set_default(self.table, self.new.name, None)
        editor.set_type(self.table, self.new, is_empty=not self._keeps_values(answer))
        if self.new.default is not None and not answer.instant:
            editor.set_default(self.table, self.new.name, self.new.default)

    def follow(self, outlook: Outlook) -> None:
        """Later operations find the values in the new type, if there are any."""
        outlook.change_type(self.table, self.old, self.new)

    def describe(self) -> str:
        """Name the field and both types."""
        return (
            f'Change the type of field "{self.new.name}" of table "{self.table}" '
            f"from {self.old.type_in_words} to {self.new.type_in_words}; its values stay."
        )

    def _keeps_values(self, answer: Verdict) -> bool:
        """Tell whether each value survives and means what it meant."""
        return answer.lossless and self.old.meaning == self.new.meaning
