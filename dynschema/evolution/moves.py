"""Moves a run from one status to another: always one conditional UPDATE, fenced by generation."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from dynschema.evolution import signals
from dynschema.evolution.models import Run
from dynschema.evolution.statuses import ENDED, Status, origins_of


def move(run: Run, status: Status, now: datetime, **changes: Any) -> bool:
    """Move a run, if its row is still where this process believes and the move is allowed.

    Args:
        run: changed along with its row.
        status: where to.
        now: the moment of the move.
        changes: what else is written in the same UPDATE; a new `generation` makes earlier
            deliveries, and the worker that may hold the run, stale.

    Returns:
        Whether the run was moved. Otherwise nothing has changed.
    """
    changes |= {"status": status, "heartbeat_at": now, **_at_the_end(status, now)}
    rows = Run.objects.using(run.database).filter(pk=run.pk, generation=run.generation)
    if not rows.filter(status__in=origins_of(status)).update(**changes):
        return False
    for name, value in changes.items():
        setattr(run, name, value)
    transaction.on_commit(partial(signals.announce, status, run), using=run.database)
    return True


def _at_the_end(status: Status, now: datetime) -> dict[str, Any]:
    return {"ended_at": now, "active_key": None} if status in ENDED else {}
