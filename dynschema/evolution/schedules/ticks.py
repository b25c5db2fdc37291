"""One beat of the heart: runs go on that stood still, and schedules that are due become runs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import OperationalError, ProgrammingError, connections, router
from django.utils import timezone

from dynschema.evolution.exceptions import AlreadyActiveError, EvolutionError
from dynschema.evolution.models import Run
from dynschema.evolution.recovery import recover
from dynschema.evolution.run_tables import databases_with_runs
from dynschema.evolution.schedules.exceptions import NoTaskTableError
from dynschema.evolution.schedules.launches import change, launch_task
from dynschema.evolution.schedules.models import PLANNED, Task
from dynschema.evolution.schedules.planning import after_turn, finished, plan_of
from dynschema.evolution.statuses import Status

logger = logging.getLogger(__name__)

HARMLESS = (Status.SUCCEEDED, Status.SKIPPED, Status.CANCELLED)
"""A schedule whose runs ended so is not needed any more."""


def tick(now: datetime | None = None) -> list[Run]:
    """Make a run of each schedule that is due; once, however many were missed.

    Any number of processes may do so at the same time. An error keeps no other schedule back.

    Returns:
        The runs that were made, and those that go on.

    Raises:
        NoTaskTableError: there is no table for schedules.
    """
    moment = now or timezone.now()
    going_on = [run for using in databases_with_runs() for run in recover(moment, using)]
    with _task_table_expected():
        _plan_anew(moment)
    due = Task.objects.filter(enabled=True, next_run__lte=moment).order_by("next_run", "pk")
    made = [run for run in [_take_turn(task, moment) for task in due] if run is not None]
    _forget_finished()
    return [*going_on, *made]


@contextmanager
def _task_table_expected() -> Iterator[None]:
    """Say it when a statement failed because there is no table for schedules."""
    try:
        yield
    except (OperationalError, ProgrammingError) as error:
        using = router.db_for_write(Task)
        if Task._meta.db_table in connections[using].introspection.table_names():
            raise
        raise NoTaskTableError(using=using) from error


def _plan_anew(now: datetime) -> None:
    """See to schedules that were written by a migration, or planned in another time zone."""
    Task.objects.filter(enabled=False).exclude(planned_as="").update(planned_as="", next_run=None)
    for task in Task.objects.filter(enabled=True):
        try:
            if plan_of(task) != task.planned_as:
                as_read = Task.objects.filter(pk=task.pk, planned_as=task.planned_as)
                task.plan(now)
                as_read.update(**{name: getattr(task, name) for name in PLANNED})
        except EvolutionError as error:
            _record(task, error)


def _take_turn(task: Task, now: datetime) -> Run | None:
    if task.end_running and task.end_running < now:
        change(task, finished(now))
        return None
    try:
        occasion = f"{task._meta.label_lower} {task.pk} at {task.next_run:%Y-%m-%dT%H:%M:%S.%f%z}"
        return launch_task(task, now, triggered_by="schedule", occasion=occasion)
    except AlreadyActiveError as error:
        logger.info("%s", error)
    except Exception as error:
        # Whatever the user's code raises while it is imported.
        _record(task, error)
    change(task, after_turn(task, now, task.run_count))
    return None


def _record(task: Task, error: Exception) -> None:
    logger.error("No run of %s could be made.", task.label, exc_info=error)
    text = f"{type(error).__name__}: {error}"
    Task.objects.filter(pk=task.pk).exclude(last_error=text).update(last_error=text)


def _forget_finished() -> None:
    """Delete what was made to run a few times; a run that failed keeps it, to be resumed."""
    for task in Task.objects.filter(delete_when_done=True, finished_at__isnull=False):
        if not task.runs.exclude(status__in=HARMLESS).exists():
            task.delete()
