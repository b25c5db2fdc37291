"""Stores what the records of the other packages become, each once, and tells of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import router, transaction

from dynschema.evolution.adoption import tables
from dynschema.evolution.adoption.records import (
    NOT_ENDED,
    run_of_action,
    run_of_migration,
    task_of,
)
from dynschema.evolution.exceptions import EvolutionError, NoRunTableError
from dynschema.evolution.models import Run
from dynschema.evolution.run_tables import run_table_expected
from dynschema.evolution.schedules.models import Task
from dynschema.evolution.schedules.targets import callable_of

STORED, THERE, REFUSED = "taken over", "there already", "not taken over"


@dataclass(frozen=True)
class Adoption:
    """What became of one record."""

    what: str
    """The package's word for it, and its name."""
    outcome: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.outcome}{f', {self.detail}' if self.detail else ''}"


def adopt(using: str, now: datetime, *, dry_run: bool = False) -> list[Adoption]:
    """Take over all records of a database in one transaction; those that are there stay as is.

    Args:
        using: its alias.
        now: the moment, from which schedules are planned.
        dry_run: undo it in the end.

    Raises:
        NoRunTableError: there is no table for runs beside the records.
    """
    home = router.db_for_write(Task)
    with transaction.atomic(using), transaction.atomic(home):
        adoptions = [*_actions(using), *_migrations(using), *_tasks(using, now)]
        if dry_run:
            transaction.set_rollback(rollback=True, using=using)
            transaction.set_rollback(rollback=True, using=home)
    return adoptions


def _actions(using: str) -> Iterator[Adoption]:
    for record in tables.rows_of(tables.PostDeployLog, using):
        what = f"post-deploy action {record.import_name}"
        yield _tried(what, using, partial(_store_run, what, run_of_action, record, using))


def _migrations(using: str) -> Iterator[Adoption]:
    for record in tables.rows_of(tables.MigrationRecord, using):
        what = f"mass migration {record.key}"
        yield _tried(what, using, partial(_store_run, what, run_of_migration, record, using))


def _tried(what: str, using: str, store: Callable[[], Adoption]) -> Adoption:
    """Store one record; what goes wrong with it keeps no other back."""
    try:
        with transaction.atomic(using):
            return store()
    except NoRunTableError:
        raise
    except Exception as error:
        # Whatever an odd row raises, and the code that it names while that is imported.
        first, *_ = str(error).splitlines() or [""]
        return Adoption(what, REFUSED, f"{type(error).__name__}: {first}")


def _store_run(
    what: str, become: Callable[[Any, str], Run], record: tables.Foreign, using: str
) -> Adoption:
    """What had not ended is looked at again the next time."""
    run = become(record, using)
    with run_table_expected(using), transaction.atomic(using):
        stored = Run.objects.using(using).filter(pk=run.pk).first()
        if stored and (stored.error_message != NOT_ENDED or run.error_message == NOT_ENDED):
            return Adoption(what, THERE, stored.status)
        run.save(using=using, force_insert=stored is None, force_update=stored is not None)
    detail = f"{run.status}: {run.error_message}" if run.error_message else run.status
    return Adoption(what, STORED, detail)


def _tasks(using: str, now: datetime) -> Iterator[Adoption]:
    """Labels are not unique in Sisy: all but the first get the number of their row."""
    seen: Counter[str] = Counter()
    for record in tables.rows_of(tables.SisyTask, using):
        seen[record.label] += 1
        label = record.label if seen[record.label] == 1 else f"{record.label} (Sisy {record.pk})"
        what, home = f"Sisy task {label}", router.db_for_write(Task)
        yield _tried(what, home, partial(_store_task, what, record, label, now))


def _store_task(what: str, record: Any, label: str, now: datetime) -> Adoption:
    if Task.objects.filter(label=label).exists():
        return Adoption(what, THERE)
    task = task_of(record, label)
    problem = _why_not_callable(task)
    task.enabled = task.enabled and not problem
    task.plan(now)
    task.save()
    if problem:
        return Adoption(what, STORED, f"disabled: {problem}")
    due = f"next run {task.next_run:%Y-%m-%d %H:%M %Z}" if task.next_run else "disabled"
    return Adoption(what, STORED, due)


def _why_not_callable(task: Task) -> str:
    try:
        callable_of(task.funcinfo)
    except EvolutionError as error:
        return str(error)
    return ""
