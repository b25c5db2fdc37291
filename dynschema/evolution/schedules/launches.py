"""Makes the run of a schedule, together with the row that says when the next one is due."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from dynschema.evolution.launching import Options, launch
from dynschema.evolution.models import Run
from dynschema.evolution.schedules.calls import reference_of
from dynschema.evolution.schedules.planning import after_run

if TYPE_CHECKING:
    from dynschema.evolution.schedules.models import Task


def launch_task(
    task: Task, now: datetime, *, triggered_by: str = "", occasion: str | None = None
) -> Run | None:
    """Launch a schedule, unless another process has just done so.

    Returns:
        The run; None when the row is no longer as this process has read it.

    Raises:
        AlreadyActiveError: its last run has not ended, and overlap is not allowed.
        InvalidArgumentsError: the user data do not fit what is to be called.
        UnknownWorkError: what is to be called is not there.
    """
    using = task._state.db or "default"
    options = Options(
        triggered_by=triggered_by, occasion=occasion, overlap=task.allow_overlap, now=lambda: now
    )
    with transaction.atomic(using):
        if not change(task, after_run(task, now)):
            return None
        run = launch(reference_of(task), task.userdata, using=using, options=options)
    # An engine that executes at once has done so at the commit.
    run.refresh_from_db()
    return run


def change(task: Task, changes: dict[str, Any]) -> bool:
    """Change a row, if nobody else has made a run of it; of two that try, one does."""
    rows = type(task)._default_manager.using(task._state.db)
    as_read = rows.filter(pk=task.pk, next_run=task.next_run, run_count=task.run_count)
    return bool(as_read.update(**changes))
