"""Carries out the operations on several tables together: asks the data first, then applies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.exceptions import PlanError, StatementFailedError
from dynschema.schema.dialects import dialect_of
from dynschema.schema.diff import Difference, ordered
from dynschema.schema.editors.base import Editor
from dynschema.schema.hazards import Hazard
from dynschema.schema.operations import AddForeignKey, CreateTable, Operation
from dynschema.schema.outlook import Outlook
from dynschema.schema.questions import Questions


@dataclass(frozen=True)
class Step:
    """One operation, and the key of the table that it is for."""

    key: str
    operation: Operation
    is_repair: bool = False
    """It undoes what somebody changed by hand, and is left out when the data stands against it."""


@dataclass
class Checked:
    """The steps that the data allows, and what was learnt while asking."""

    steps: list[Step] = field(default_factory=list)
    hazards: dict[str, list[Hazard]] = field(default_factory=lambda: defaultdict(list))
    """By the key of the table."""
    left_out: set[Operation] = field(default_factory=set)
    """Repairs that the data stands against."""
    unsure: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By the key of the table: why repairs were left out."""

    def operations_of(self, key: str) -> tuple[Operation, ...]:
        """Return the operations on one table."""
        return tuple(step.operation for step in self.steps if step.key == key)


def arrange(differences: Mapping[str, Difference]) -> list[Step]:
    """Put the operations on several tables into one order in which all of them can run."""
    steps = {
        id(operation): Step(key, operation, operation in found.repairs)
        for key, found in differences.items()
        for operation in found.operations
    }
    operations = [step.operation for step in steps.values()]
    return list(_untangled([steps[id(each)] for each in ordered(operations)]))


def _untangled(steps: Sequence[Step]) -> Iterator[Step]:
    """Yield the steps, with each foreign key to a table that comes later put to the end."""
    waiting = {step.operation.table for step in steps if isinstance(step.operation, CreateTable)}
    later = []
    for step in steps:
        if isinstance(step.operation, CreateTable):
            waiting.discard(step.operation.table)
            spec = step.operation.spec
            early = [
                each
                for each in spec.constraints
                if each.references and each.references.table in waiting
            ]
            later += [Step(step.key, AddForeignKey(spec.name, each)) for each in early]
            kept = tuple(each for each in spec.constraints if each not in early)
            step = replace(step, operation=CreateTable(spec.name, replace(spec, constraints=kept)))
        yield step
    yield from later


def check(
    connection: BaseDatabaseWrapper, steps: Sequence[Step], outlook: Outlook | None = None
) -> Checked:
    """Put the questions of all steps to the data, before any of them runs.

    Args:
        connection: the database.
        steps: in their order.
        outlook: how the data will look before the first step; as it is unless given.

    Raises:
        PlanError: the data would not survive what a definition asks for.
    """
    questions, checked = Questions(connection, outlook), Checked()
    for step in steps:
        try:
            checked.hazards[step.key] += step.operation.check(questions)
        except PlanError as error:
            if not step.is_repair:
                raise
            checked.left_out.add(step.operation)
            checked.unsure[step.key].append(error.message)
            continue
        checked.steps.append(step)
        questions = questions.after(step.operation)
    return checked


def apply(
    connection: BaseDatabaseWrapper, steps: Sequence[Step], *, settle: bool = True
) -> dict[str, list[str]]:
    """Run the steps in the open transaction; return the SQL by the key of the table.

    Args:
        connection: the database.
        steps: in their order.
        settle: first let the database check what it has deferred. Asking what there is takes
            longer than most steps; without it a table with pending checks is refused.
    """
    editor = dialect_of(connection).editor(connection)
    created = {step.operation.table for step in steps if isinstance(step.operation, CreateTable)}
    tables = {step.operation.table for step in steps} - created if settle else set()
    with editor.settled(tables) if tables else nullcontext():
        return _run(editor, steps)


def preview(connection: BaseDatabaseWrapper, steps: Sequence[Step]) -> dict[str, list[str]]:
    """Return the SQL that the steps would run, by the key of the table."""
    statements: dict[str, list[str]] = {}
    dialect_of(connection).preview(
        connection, lambda editor: statements.update(_run(editor, steps))
    )
    return statements


@contextmanager
def _explained(step: Step) -> Iterator[None]:
    """Say which step the database refused, which it does with what no question had asked."""
    try:
        yield
    except DatabaseError as error:
        operation = step.operation
        raise StatementFailedError(
            table=operation.table,
            key=step.key,
            step=operation.describe(),
            reason=f"{str(error).strip()}.",
        ) from error


def _run(editor: Editor, steps: Sequence[Step]) -> dict[str, list[str]]:
    statements: dict[str, list[str]] = defaultdict(list)
    for step in steps:
        before = len(editor.statements)
        with _explained(step):
            step.operation.apply(editor)
        statements[step.key] += editor.statements[before:]
    return statements
