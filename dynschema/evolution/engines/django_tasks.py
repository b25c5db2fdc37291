"""Hands runs to Django's Tasks framework, and so to any of its backends.

On Django 5.2 it is the backport, the package django-tasks.
"""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

from django import VERSION
from django.utils import timezone

from dynschema.evolution.conf import configuration
from dynschema.evolution.delivery import Delivery
from dynschema.evolution.engines.base import Engine

# May be a plain import when Django 5.2 is no longer supported.
_FRAMEWORK = "django.tasks" if VERSION >= (6,) else "django_tasks"
_tasks: Any = import_module(_FRAMEWORK)
_immediate: Any = import_module(f"{_FRAMEWORK}.backends.immediate")


class DjangoTasksEngine(Engine):
    """One task per slice, in the backend and the queue that the settings name."""

    @property
    def supports_delay(self) -> bool:  # type: ignore[override]
        """Whether the backend does."""
        return bool(self._backend().supports_defer)

    def enqueue(self, delivery: Delivery) -> str:
        """Enqueue a task."""
        chosen = configuration()
        options: dict[str, Any] = {}
        if delivery.delay_seconds:
            options["run_after"] = timezone.now() + timedelta(seconds=delivery.delay_seconds)
        order = perform_delivery.using(
            backend=chosen.tasks_backend, queue_name=chosen.tasks_queue, **options
        )
        return str(order.enqueue(delivery.as_json()).id)

    def executes_at_once(self) -> bool:
        """Tell whether it is the backend that calls tasks where they are enqueued."""
        return isinstance(self._backend(), _immediate.ImmediateBackend)

    def _backend(self) -> Any:
        return _tasks.task_backends[configuration().tasks_backend]


@_tasks.task()  # type: ignore[untyped-decorator]
def perform_delivery(sent: dict[str, Any]) -> None:
    """Work off one delivery; what a worker of the backend calls."""
    DjangoTasksEngine().work_off(Delivery.from_json(sent))
