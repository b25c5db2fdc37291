"""The statuses of a run and the allowed moves between them, as data."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    """Where a run stands."""

    ENQUEUED = "enqueued", _("enqueued")
    RUNNING = "running", _("running")
    PAUSING = "pausing", _("pausing")
    PAUSED = "paused", _("paused")
    INTERRUPTED = "interrupted", _("interrupted")
    CANCELLING = "cancelling", _("cancelling")
    CANCELLED = "cancelled", _("cancelled")
    SUCCEEDED = "succeeded", _("succeeded")
    ERRORED = "errored", _("errored")
    SKIPPED = "skipped", _("skipped")


MOVES: dict[tuple[Status, Status], str] = {
    (Status.ENQUEUED, Status.RUNNING): "a worker takes it",
    (Status.ENQUEUED, Status.PAUSED): "pause",
    (Status.ENQUEUED, Status.CANCELLED): "cancel",
    (Status.RUNNING, Status.SUCCEEDED): "nothing is left to do",
    (Status.RUNNING, Status.ERRORED): "an error that is not tried again, or a failed item",
    (Status.RUNNING, Status.INTERRUPTED): "end of a slice, throttle, retry, lost worker",
    (Status.RUNNING, Status.PAUSING): "pause",
    (Status.RUNNING, Status.CANCELLING): "cancel",
    (Status.INTERRUPTED, Status.RUNNING): "a worker takes it",
    (Status.INTERRUPTED, Status.PAUSED): "pause",
    (Status.INTERRUPTED, Status.CANCELLED): "cancel",
    (Status.PAUSING, Status.PAUSED): "the batch is done, or its worker is lost",
    (Status.PAUSING, Status.CANCELLING): "cancel",
    (Status.PAUSING, Status.SUCCEEDED): "nothing is left to do",
    (Status.PAUSING, Status.ERRORED): "an error in the last batch, or a failed item",
    (Status.PAUSED, Status.ENQUEUED): "resume",
    (Status.PAUSED, Status.CANCELLED): "cancel",
    (Status.CANCELLING, Status.CANCELLED): "the batch is done, or its worker is lost",
    (Status.CANCELLING, Status.SUCCEEDED): "nothing is left to do",
    (Status.CANCELLING, Status.ERRORED): "an error in the last batch, or a failed item",
    (Status.ERRORED, Status.ENQUEUED): "resume",
    (Status.ERRORED, Status.CANCELLED): "cancel",
}
"""From, to, and what makes the move. A run begins as `enqueued`; one that will never execute
begins as `skipped`, or as `cancelled`, which says that the work is to be done again."""

ENDED = frozenset({Status.CANCELLED, Status.SUCCEEDED, Status.ERRORED, Status.SKIPPED})
"""Nobody works on these, and the same work may be launched again."""

DONE = frozenset({Status.SUCCEEDED, Status.SKIPPED})
"""After these the work may count as done, if no item failed."""

HELD = frozenset({Status.RUNNING, Status.PAUSING, Status.CANCELLING})
"""A worker holds these, and its heart beats."""

WAITING = frozenset({Status.ENQUEUED, Status.INTERRUPTED})
"""An engine will hand these to a worker."""


ACTIONS = ("pause", "resume", "cancel")
"""The moves that people ask for; `control` has a function for each."""


def allowed_actions(status: str) -> list[str]:
    """Return what people may do with a run in this status.

    >>> allowed_actions("running"), allowed_actions("errored"), allowed_actions("succeeded")
    (['pause', 'cancel'], ['resume', 'cancel'], [])
    """
    reasons = {why for (before, _), why in MOVES.items() if before == status}
    return [action for action in ACTIONS if action in reasons]


def origins_of(status: Status) -> list[Status]:
    """Return the statuses from which a run may move to this one.

    >>> [each.value for each in origins_of(Status.RUNNING)]
    ['enqueued', 'interrupted']
    """
    return [before for before, after in MOVES if after == status]


def may_move(before: str, after: str) -> bool:
    """Tell whether a run may move from one status to another.

    >>> may_move("paused", "enqueued"), may_move("succeeded", "running")
    (True, False)
    """
    return (before, after) in MOVES
