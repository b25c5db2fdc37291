"""Says what a record of another package becomes: a run that has ended, or a schedule."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from dynschema.evolution.adoption.tables import MigrationRecord, PostDeployLog, SisyTask
from dynschema.evolution.conf import configuration
from dynschema.evolution.contexts import current_context
from dynschema.evolution.models import Run
from dynschema.evolution.schedules.exceptions import OddRecordError
from dynschema.evolution.schedules.models import Task
from dynschema.evolution.statuses import Status

ADOPTED = "adopt_records"
"""Whoever triggered the run is not known any more."""

NOT_ENDED = "It had not ended when its record was taken over; whether it did its work is not known."

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
FOR_EVER = datetime(2217, 12, 31, tzinfo=UTC)
"""What Sisy stores where there is no moment, and for an end that never comes."""


def run_of_migration(record: MigrationRecord, using: str) -> Run:
    """Return what a record of massmigration becomes."""
    status = _status(record.is_applied, record.has_error, record.was_faked)
    ended_at = record.applied_at or record.initiated_at
    run = _run("migration", record.key, using, (record.initiated_at, ended_at), status)
    run.pk = record.attempt_uuid
    return _with_error(run, record.last_error)


def run_of_action(record: PostDeployLog, using: str) -> Run:
    """Return what a record of django-post-deploy becomes; without an error a message is a reason.

    Only an action that was skipped has one.
    """
    message = record.message or ""
    status = _status(record.completed_at is not None, record.has_error, bool(message))
    ended_at = record.completed_at or record.created_at
    run = _run("action", record.import_name, using, (record.created_at, ended_at), status)
    run.pk = record.uuid
    run.started_at = record.started_at
    return _with_error(run, message)


def task_of(record: SisyTask, label: str) -> Task:
    """Return what a task of Sisy becomes; it is due as Sisy had it, in UTC.

    Raises:
        OddRecordError: nobody can say what it calls, or with what.
    """
    return Task(
        label=label,
        schedule=record.schedule,
        timezone="UTC",
        funcinfo=_object(record, "func_info"),
        userdata=_object(record, "extra_data"),
        enabled=record.enabled,
        wait_for_schedule=record.wait_for_schedule,
        iterations=record.iterations,
        allow_overlap=record.allow_overlap,
        start_running=_moment(record.start_running),
        end_running=_moment(record.end_running),
        last_run=_moment(record.last_run),
    )


def _object(record: SisyTask, name: str) -> dict[str, Any]:
    text = getattr(record, name)
    try:
        found = json.loads(text or "null")
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    raise OddRecordError(label=record.label, column=f"_{name}", value=repr(text))


def _status(is_done: bool, has_error: bool, is_skipped: bool) -> Status:
    """What has not ended counts as failed: nobody runs it again without looking."""
    if has_error or not is_done:
        return Status.ERRORED
    return Status.SKIPPED if is_skipped else Status.SUCCEEDED


def _run(kind: str, name: str, using: str, times: tuple[datetime, datetime], status: Status) -> Run:
    created_at, ended_at = times
    return Run(
        kind=kind,
        name=name,
        database=using,
        context=current_context(),
        status=status,
        engine=configuration().engine,
        triggered_by=ADOPTED,
        created_at=created_at,
        started_at=created_at,
        heartbeat_at=ended_at,
        ended_at=ended_at,
    )


def _with_error(run: Run, text: str) -> Run:
    """The first line of what the others keep is "Class: message"."""
    if run.status != Status.ERRORED:
        run.message = text
        return run
    first, _, rest = (text or NOT_ENDED).partition("\n")
    name, colon, message = first.partition(": ")
    is_class = bool(colon) and name.replace(".", "").replace("_", "").isalnum()
    run.error_class = name[:255] if is_class else ""
    run.error_message, run.traceback = (message if is_class else first), rest
    return run


def _moment(stored: datetime | None) -> datetime | None:
    return None if stored is None or not NEVER < stored < FOR_EVER else stored
