"""The contract of an operation: one step of a plan, which asks before it acts and can be undone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import Hazard, check_constraint, removal_hazards
from dynschema.schema.outlook import Outlook
from dynschema.schema.questions import Questions
from dynschema.schema.serial import from_json, to_json
from dynschema.schema.spec import ConstraintSpec, FieldSpec

BY_CODE: dict[str, type[Operation]] = {}
"""Every operation under its code, which also names its file, its test and its docs page."""


@dataclass(frozen=True)
class Operation(ABC):
    """One change of one table.

    Attributes:
        code: the operation's name in JSON.
        opposite: the code of the operation that undoes this one and has the same attributes;
            empty where `reverse` says more.
        needs_look: whether it could lose a value if the column were not what it was seen to be.
    """

    code: ClassVar[str]
    opposite: ClassVar[str] = ""
    needs_look: ClassVar[bool] = False

    table: str
    """The name that the table has when the operation runs."""

    def __init_subclass__(cls) -> None:
        if "code" in vars(cls):
            BY_CODE[cls.code] = cls

    def check(self, questions: Questions) -> list[Hazard]:
        """Ask the data whether it would survive; runs before the first statement of the plan.

        Raises:
            PlanError: rows stand against the change.
        """
        return []

    @abstractmethod
    def apply(self, editor: Editor) -> None:
        """Change the table."""

    def reverse(self) -> Operation | None:
        """Return the operation that undoes this one, or None; it drops nothing either."""
        return BY_CODE[self.opposite](**vars(self))

    @abstractmethod
    def describe(self) -> str:
        """Say in one sentence what happens, for the people who run the site."""

    def follow(self, outlook: Outlook) -> None:  # noqa: B027 (most change nothing here)
        """Tell the questions of later operations what this one names or adds."""

    def as_json(self) -> dict[str, Any]:
        """Return the operation as a dict that JSON can hold."""
        return {"operation": self.code, **to_json(self)}


def operation_from_json(data: dict[str, Any]) -> Operation:
    """Return the operation that `as_json` was called on."""
    attributes = {name: value for name, value in data.items() if name != "operation"}
    operation: Operation = from_json(BY_CODE[data["operation"]], attributes)
    return operation


@dataclass(frozen=True)
class ColumnOperation(Operation):
    """An operation on one column, known by its name alone."""

    key: str | None
    """The key of the field."""
    column: str


@dataclass(frozen=True)
class FieldOperation(Operation):
    """An operation on one column together with the constraints that come and go with it."""

    field: FieldSpec
    constraints: tuple[ConstraintSpec, ...] = ()


@dataclass(frozen=True)
class FieldChange(Operation):
    """An operation that gives a column another shape under the same name."""

    old: FieldSpec
    new: FieldSpec

    def reverse(self) -> Operation:
        """Return the change from new to old; it is checked against the data like any other."""
        return type(self)(self.table, self.new, self.old)


@dataclass(frozen=True)
class ConstraintOperation(Operation):
    """An operation on one index or constraint."""

    constraint: ConstraintSpec


@dataclass(frozen=True)
class Addition(ConstraintOperation):
    """An operation that adds an index or a constraint."""

    def check(self, questions: Questions) -> list[Hazard]:
        """Refuse what rows stand against.

        Raises:
            PlanError: rows stand against it.
        """
        return check_constraint(questions, self.table, self.constraint)

    def apply(self, editor: Editor) -> None:
        """Add it."""
        editor.add_constraint(self.table, self.constraint)


@dataclass(frozen=True)
class Removal(ConstraintOperation):
    """An operation that removes an index or a constraint that we made."""

    def check(self, questions: Questions) -> list[Hazard]:
        """See what the removal costs."""
        return removal_hazards(questions, self.table, [self.constraint])

    def apply(self, editor: Editor) -> None:
        """Remove it."""
        editor.remove_constraint(self.table, self.constraint)
