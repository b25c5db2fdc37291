"""How the actions stand, in the lines that `manage.py deploy` prints."""

from __future__ import annotations

from django.utils.timezone import is_aware, localtime

from dynschema.evolution.models import Run
from dynschema.evolution.post_deploy.histories import all_histories, all_runs, latest_runs
from dynschema.evolution.run_tables import run_table_expected
from dynschema.evolution.statuses import Status

WORDS = {
    Status.ENQUEUED: "🕑 scheduled-waiting",
    Status.INTERRUPTED: "🕑 scheduled-waiting",
    Status.PAUSED: "⏸ scheduled-paused",
    Status.RUNNING: "🏃 scheduled-started",
    Status.PAUSING: "🏃 scheduled-started",
    Status.CANCELLING: "🏃 scheduled-started",
    Status.ERRORED: "❌ completed-failed",
    Status.SUCCEEDED: "✅ completed-success",
    Status.SKIPPED: "✅ completed-success",
}
"""The words that users know; a cancelled run is as none."""


def status_lines() -> list[str]:
    """Tell of the actions that wait, run, have failed or are done."""
    runs = [run for run in latest_runs() if run.status in WORDS]
    return [f"* {run.name} ({_status(run)})" for run in runs]


def todo_lines() -> list[str]:
    """Tell of the actions that never ran, and of those that failed."""
    histories = all_histories()
    lines = []
    for action in (each.action for each in histories if each.is_new):
        about = f" ({action.description})" if action.description else ""
        lines.append(f"{'a' if action.auto else 'm'}: {action.path}{about}")
    failed = [each.run for each in histories if each.run and each.has_failed]
    return lines + [f"F: {run.name} ({message_of(run)} {_moment(run)})" for run in failed]


def uuid_lines() -> list[str]:
    """Name every run, the latest first."""
    with run_table_expected(all_runs().db):
        return [f"{run.pk} -- {run.name}" for run in all_runs()]


def message_of(run: Run) -> str:
    """Return the first line of what went wrong, or else why the run is as it is."""
    if run.error_class:
        return f"{run.error_class}: {run.error_message}".partition("\n")[0]
    return run.message


def _status(run: Run) -> str:
    parts = [WORDS[Status(run.status)], _moment(run), message_of(run)]
    return " ".join(part for part in parts if part)


def _moment(run: Run) -> str:
    """Of the last thing that happened to it."""
    moment = run.ended_at or run.started_at or run.created_at
    return f"{localtime(moment) if is_aware(moment) else moment:%Y-%m-%d %H:%M}"
