"""Hands runs to Celery; a worker of the project's own Celery app executes them."""

from __future__ import annotations

from typing import Any

from celery import Celery, current_app, shared_task
from django.utils.module_loading import import_string

from dynschema.evolution.conf import configuration
from dynschema.evolution.delivery import Delivery
from dynschema.evolution.engines.base import Engine


class CeleryEngine(Engine):
    """One task per slice, in the queue that the settings name."""

    supports_delay = True

    def enqueue(self, delivery: Delivery) -> str:
        """Send a task; Celery itself counts the delay."""
        queue = configuration().tasks_queue
        options = {} if queue == "default" else {"queue": queue}
        task = _app().tasks[perform_delivery.name]
        sent = task.apply_async(
            (delivery.as_json(),), countdown=delivery.delay_seconds or None, **options
        )
        return str(sent.id)

    def executes_at_once(self) -> bool:
        """Tell whether Celery was told to call tasks where they are sent."""
        return bool(_app().conf.task_always_eager)


def _app() -> Celery:
    path = configuration().celery_app
    return import_string(path) if path else current_app


@shared_task(name="dynschema.evolution.perform", ignore_result=True)  # type: ignore[untyped-decorator]
def perform_delivery(sent: dict[str, Any]) -> None:
    """Work off one delivery; what a worker calls."""
    CeleryEngine().work_off(Delivery.from_json(sent))
