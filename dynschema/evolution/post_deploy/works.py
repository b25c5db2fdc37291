"""An action as work: one call, after the actions that were launched before it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.module_loading import import_string

from dynschema.evolution.callables import IN_VAIN, callable_at, is_called_in_vain
from dynschema.evolution.conf import configuration
from dynschema.evolution.exceptions import UnknownWorkError
from dynschema.evolution.models import Run
from dynschema.evolution.post_deploy.actions import action_at
from dynschema.evolution.registry import Factory
from dynschema.evolution.statuses import HELD, WAITING
from dynschema.evolution.throttles import Throttle
from dynschema.evolution.work import Work

KIND = "action"
SECONDS_BETWEEN_LOOKS = 1.0
"""How often an action looks whether those before it have ended, where several workers are."""


class ActionWork(Work):
    """Calls a function, in its turn.

    Without a transaction it is not tried again by itself: nobody knows how far it came.
    """

    def __init__(self, function: Callable[[], Any], *, atomic: bool) -> None:
        self._function = function
        self.atomic = atomic
        self.retries = Work.retries if atomic else 0
        self.throttles = (Throttle(self._has_predecessor, SECONDS_BETWEEN_LOOKS),)

    def process(self, item: Any) -> None:
        """Call it."""
        self._function()

    def _has_predecessor(self) -> bool:
        """Look for an earlier action that will still run; one that was lost holds up nobody."""
        run = self.run
        silent_since = run.heartbeat_at - timedelta(seconds=configuration().stale_after_seconds)
        expected = Q(heartbeat_at__gte=silent_since) | Q(next_attempt_at__gte=silent_since)
        earlier = Run.objects.using(run.database).filter(
            kind=KIND, context=run.context, created_at__lt=run.created_at
        )
        return earlier.filter(expected, status__in=WAITING | HELD).exists()


def find(path: str) -> Factory:
    """Return what makes the work of an action, or of any other function of the installed apps.

    Raises:
        UnknownWorkError: the path leads to no function there.
    """
    function = callable_at(path, KIND)
    if isinstance(function, type):
        raise UnknownWorkError(kind=KIND, name=path, reason="it is a class and no function")
    if is_called_in_vain(function):
        raise UnknownWorkError(kind=KIND, name=path, reason=IN_VAIN)

    def make(**arguments: Any) -> Work:
        return ActionWork(function, atomic=action_at(path).atomic)

    make.__wrapped__ = function  # type: ignore[attr-defined]
    return make


def engine_of_actions() -> str | None:
    """Return the name of the engine that brings actions to workers; None means the usual one."""
    path = configuration().scheduler_manager
    if not path:
        return None
    manager = import_string(path)
    return "scheduler" if hasattr(manager, "schedule") else getattr(manager, "engine", "scheduler")
