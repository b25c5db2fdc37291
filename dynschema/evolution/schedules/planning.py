"""When a schedule is due: within its window, so often, on its line; asks no clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dynschema.evolution.schedules.cron import Cron, zone_named

if TYPE_CHECKING:
    from dynschema.evolution.schedules.models import Task

INSTANT = timedelta(microseconds=1)


def plan_of(task: Task) -> str:
    """Return all that the next run depends on; another text means that it must be found anew."""
    if not task.enabled:
        return ""
    zone = zone_named(task.timezone)
    parts = [task.schedule, zone, task.start_running, task.end_running, task.iterations]
    return ", ".join(map(str, parts))


def first_moment(task: Task, now: datetime) -> datetime | None:
    """Return when an enabled schedule is due for the first time from now on; None for never."""
    if task.wait_for_schedule or task.last_run is not None:
        return following_moment(task, now, task.run_count)
    return _within_window(task, max(now, task.start_running or now))


def following_moment(task: Task, after: datetime, run_count: int) -> datetime | None:
    """Return when a schedule is due after a moment, having run so often; None for never."""
    if not task.enabled or (task.iterations and run_count >= task.iterations):
        return None
    # It may be due at the very start.
    start = max(after, task.start_running - INSTANT) if task.start_running else after
    return _within_window(task, Cron(task.schedule, zone_named(task.timezone)).after(start))


def after_run(task: Task, now: datetime) -> dict[str, Any]:
    """Return the columns of a schedule when a run was made now."""
    run_count = task.run_count + 1
    changes = {"run_count": run_count, "last_run": now, "last_error": ""}
    return changes | after_turn(task, now, run_count)


def after_turn(task: Task, now: datetime, run_count: int) -> dict[str, Any]:
    """Return the columns that say when it is due next; where it never is, it has finished."""
    next_run = following_moment(task, now, run_count)
    is_over = task.enabled and next_run is None
    return {"next_run": next_run, **(finished(now) if is_over else {})}


def finished(now: datetime) -> dict[str, Any]:
    """Return the columns of a schedule that will never be due again."""
    return {"enabled": False, "next_run": None, "planned_as": "", "finished_at": now}


def _within_window(task: Task, moment: datetime) -> datetime | None:
    return None if task.end_running and moment > task.end_running else moment
