"""Finds an engine by its name, and hands runs to it when they are committed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.module_loading import import_string

from dynschema.evolution.conf import configuration
from dynschema.evolution.exceptions import (
    EngineNotInstalledError,
    HandOverError,
    UnknownEngineError,
)
from dynschema.evolution.models import Run

if TYPE_CHECKING:
    from dynschema.evolution.engines.base import Engine

OWN_ENGINES = {
    "inline": "dynschema.evolution.engines.inline.InlineEngine",
    "django_tasks": "dynschema.evolution.engines.django_tasks.DjangoTasksEngine",
    "celery": "dynschema.evolution.engines.celery.CeleryEngine",
    "manual": "dynschema.evolution.engines.manual.ManualEngine",
    "scheduler": "dynschema.evolution.engines.scheduler.SchedulerEngine",
}

PACKAGES = {"django_tasks": "django-tasks", "celery": "celery"}
"""What our engines need; the extras have the same names."""


def engine_named(name: str) -> Engine:
    """Return an engine.

    Raises:
        EngineNotInstalledError: the package that it hands runs to is missing.
        UnknownEngineError: neither we nor the settings have one of that name.
    """
    paths = OWN_ENGINES | dict(configuration().engines)
    if name not in paths:
        raise UnknownEngineError(name=name, known=", ".join(sorted(paths)))
    try:
        engine: type[Engine] = import_string(paths[name])
    except ModuleNotFoundError as error:
        if name not in PACKAGES:
            raise
        package = PACKAGES[name]
        raise EngineNotInstalledError(name=name, package=package, extra=package) from error
    return engine()


def hand_over(run: Run) -> None:
    """Have a run executed, as soon as the transaction in which it was stored is committed.

    Raises:
        HandOverError: the engine could not take it; outside of a transaction at once, otherwise
            from the commit.
    """
    transaction.on_commit(partial(_enqueue, run), using=run.database)


def _enqueue(run: Run) -> None:
    engine = engine_named(run.engine)
    try:
        engine_id = engine.enqueue(run.delivery())
    except Exception as error:
        if engine.executes_at_once():
            raise
        raise HandOverError(
            pk=run.pk, name=run.name, engine=run.engine, reason=repr(error)
        ) from error
    if engine_id:
        Run.objects.using(run.database).filter(pk=run.pk).update(engine_id=engine_id)
