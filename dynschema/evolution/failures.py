"""What is kept of an error: its class, its message, its traceback, and the item at fault."""

from __future__ import annotations

import traceback
from datetime import datetime
from typing import Any

from dynschema.evolution.batches import Batch
from dynschema.evolution.callables import path_of
from dynschema.evolution.conf import configuration
from dynschema.evolution.exceptions import WorkerLostError
from dynschema.evolution.models import NAME_LENGTH, Run, RunFailure, describe_item
from dynschema.evolution.statuses import Status

NO_ERROR = {"error_class": "", "error_message": "", "traceback": "", "errored_item": ""}
"""The columns of a run without an error."""


class ItemError(Exception):
    """Carries the error of one item to where the run is ended; its cause is that error."""

    def __init__(self, item: str, error: Exception) -> None:
        super().__init__(item)
        self.item = item
        self.error = error


def describe_error(error: BaseException) -> dict[str, str]:
    """Return the columns that tell an error."""
    return {
        "error_class": path_of(type(error)).removeprefix("builtins.")[:NAME_LENGTH],
        "error_message": _storable(_message_of(error)),
        "traceback": _storable("".join(traceback.format_exception(error))),
    }


def after_loss(run: Run) -> tuple[Status, dict[str, Any]]:
    """Return how a run stands whose worker was lost: it goes on, but not for ever."""
    attempts = run.attempts + 1
    if attempts < configuration().losses_allowed:
        return Status.INTERRUPTED, {"attempts": attempts}
    error = WorkerLostError(pk=run.pk, name=run.name, attempts=attempts)
    return Status.ERRORED, {"attempts": attempts, **describe_error(error)}


def failure_of(run: Run, batch: Batch, place: int, error: Exception, now: datetime) -> RunFailure:
    """Return the record of an item that failed; it is not saved yet."""
    return RunFailure(
        run=run,
        position=batch.position(place),
        item=name_item(batch, place),
        failed_at=now,
        **describe_error(error),
    )


def name_item(batch: Batch, place: int) -> str:
    """Say which item of a batch it is; of a queryset nobody has loaded one."""
    if batch.model is None:
        return describe_item(batch.items[place])
    key = ", ".join(map(str, batch.position(place)))
    return f"{batch.model._meta.label} {key}"[:NAME_LENGTH]


def _message_of(error: BaseException) -> str:
    """An error that cannot say what it is must be recorded all the same."""
    try:
        return str(error)
    except Exception as second:
        return f"its message could not be read ({second!r})"


def _storable(text: str) -> str:
    """Half a character, as of a broken file name, cannot be stored, nor can PostgreSQL a zero byte.

    An error about one may well quote it.
    """
    return text.replace("\x00", "\\x00").encode(errors="backslashreplace").decode()
