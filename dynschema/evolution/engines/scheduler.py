"""Hands runs to a class of the project that knows how to reach its workers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from dynschema.evolution.conf import configuration
from dynschema.evolution.contexts import entered
from dynschema.evolution.delivery import Delivery
from dynschema.evolution.engines.base import Engine
from dynschema.evolution.models import Run


class SchedulerManager(Protocol):
    """What such a class has; it is made without arguments."""

    def schedule(self, action_ids: list[str], context_kwargs: dict[str, Any]) -> object:
        """Have a worker call `deploy_task` with these arguments; return what names the job."""


class SchedulerEngine(Engine):
    """Uses the class that the setting `scheduler_manager` names.

    Raises:
        ImproperlyConfigured: it names none that can schedule.
    """

    def __init__(self) -> None:
        path = configuration().scheduler_manager
        found = import_string(path) if path else None
        if found is None or not hasattr(found, "schedule"):
            raise ImproperlyConfigured(
                f'DYNSCHEMA["evolution"]["scheduler_manager"] is "{path}", which has no method '
                "schedule(action_ids, context_kwargs). Write one, or remove the setting."
            )
        self._manager: Callable[[], SchedulerManager] = found

    def enqueue(self, delivery: Delivery) -> str:
        """Have it scheduled; to make the manager may already need the queue."""
        return str(self._manager().schedule([str(delivery.run_pk)], delivery.context) or "")


def deploy_task(action_ids: list[str], context_kwargs: dict[str, Any]) -> None:
    """Work off runs in the order in which they were launched; what a worker calls.

    Runs that have ended, or that another worker has, are left alone.
    """
    with entered(context_kwargs):
        runs = list(Run.objects.filter(pk__in=action_ids).order_by("created_at"))
    for run in runs:
        SchedulerEngine().work_off(run.delivery())
