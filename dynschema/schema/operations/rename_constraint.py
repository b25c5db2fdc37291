"""Gives an index or a constraint another name, when the old one speaks of an old name."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import Hazard, costs
from dynschema.schema.operations.base import ConstraintOperation
from dynschema.schema.questions import Questions


@dataclass(frozen=True)
class RenameConstraint(ConstraintOperation):
    """Rename an index or a constraint."""

    code = "rename_constraint"

    new: str

    def check(self, questions: Questions) -> list[Hazard]:
        """See what it costs: SQLite has no statement for it."""
        code = "INDEX_BUILD" if self.constraint.kind == "index" else "REWRITE"
        return costs(questions, self.table, sqlite=code)

    def apply(self, editor: Editor) -> None:
        """Rename it."""
        editor.rename_constraint(self.table, self.constraint, self.new)

    def reverse(self) -> RenameConstraint:
        """Give the old name back."""
        renamed = replace(self.constraint, name=self.new)
        return RenameConstraint(self.table, renamed, self.constraint.name or "")

    def describe(self) -> str:
        """Name both names."""
        kind = "index" if self.constraint.kind == "index" else "constraint"
        return f'Rename {kind} "{self.constraint.title}" of table "{self.table}" to "{self.new}".'
