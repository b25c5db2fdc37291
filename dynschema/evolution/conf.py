"""The settings of the data half, their defaults and units, as one frozen object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from math import inf
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from dynschema import conf


@dataclass(frozen=True)
class Configuration:
    """What `DYNSCHEMA["evolution"]` in the project's settings may hold."""

    engine: str = "inline"
    """Where runs execute unless they say otherwise: a name in `engines`, or one of ours."""
    engines: Mapping[str, str] = field(default_factory=dict)
    """Engines of the project: their names and their classes' dotted paths."""
    tasks_backend: str = "default"
    """The alias in Django's TASKS for the engine `django_tasks`."""
    tasks_queue: str = "default"
    """The queue of that backend; for `celery` too, where "default" is Celery's own."""
    slice_seconds: float = 300.0
    """After so long a run lets others have the worker, and is enqueued again."""
    heartbeat_seconds: float = 20.0
    """How often a worker tells that it lives while one batch takes long."""
    stale_after_seconds: float = 120.0
    """A worker that was silent for so long is lost, and its run is taken over."""
    losses_allowed: int = 3
    """A run that loses its worker so often at the same place is errored."""
    context_manager: str = "dynschema.evolution.contexts.DefaultContext"
    """The dotted path of the class that carries a context, such as the tenant, to the worker."""
    scheduler_manager: str = ""
    """The dotted path of the class that says where post-deploy actions execute; by default they
    execute where all runs do."""
    celery_app: str = ""
    """The dotted path of the project's Celery app, for the engine `celery`; by default it is the
    one that the project has loaded."""
    default_schedule: str = "* * * * *"
    """The cron line of schedules that name none: every minute."""
    tick_seconds: float = 60.0
    """How often `manage.py heartbeat` looks for schedules that are due."""
    migrator: str = ""
    """The dotted path of the class that gives dumps their version and changes those of older ones;
    without one dumps have no version."""


ALSO_KNOWN_AS = {
    "POST_DEPLOY_CELERY_APP": "celery_app",
    "POST_DEPLOY_CONTEXT_MANAGER": "context_manager",
    "POST_DEPLOY_SCHEDULER_MANAGER": "scheduler_manager",
    "SISY_DEFAULT_SCHEDULE": "default_schedule",
    "SISY_HEARTBEAT_FREQUENCY": "tick_seconds",
}
"""What these settings are called in projects that come from another package."""


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_path_or_empty(value: Any) -> bool:
    return isinstance(value, str)


def _is_dict_of_paths(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_text, [*value, *value.values()]))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_duration(value: Any) -> bool:
    return _is_number(value) and 0 < value < inf


def _is_duration_without_end(value: Any) -> bool:
    return _is_number(value) and value >= 0


def _is_count(value: Any) -> bool:
    return _is_number(value) and isinstance(value, int) and value >= 0


Rule = tuple[Callable[[Any], bool], str]

NAME: Rule = _is_text, "a name"
PATH: Rule = _is_path_or_empty, 'a dotted path, such as "mysite.celery.app"'
SECONDS: Rule = _is_duration, "a number of seconds greater than 0"
WAIT: Rule = _is_duration_without_end, "a number of seconds, 0 or more"
COUNT: Rule = _is_count, "a whole number, 0 or more"

RULES: dict[str, Rule] = {
    "engine": NAME,
    "engines": (
        _is_dict_of_paths,
        'a dict of names and dotted paths, such as {"mine": "mysite.engines.MyEngine"}',
    ),
    "tasks_backend": NAME,
    "tasks_queue": NAME,
    "slice_seconds": WAIT,
    "heartbeat_seconds": SECONDS,
    "stale_after_seconds": SECONDS,
    "losses_allowed": COUNT,
    "context_manager": (_is_text, PATH[1]),
    "scheduler_manager": PATH,
    "celery_app": PATH,
    "default_schedule": (_is_text, 'a cron line, such as "*/5 * * * *"'),
    "tick_seconds": SECONDS,
    "migrator": PATH,
}
"""What each setting must be; whether paths lead somewhere is asked by the checks alone."""


@lru_cache(maxsize=1)
def configuration() -> Configuration:
    """Return the settings of this project.

    Raises:
        ImproperlyConfigured: `DYNSCHEMA["evolution"]` holds an unknown name or a wrong value.
    """
    given = {**_from_another_package(), **_own()}
    known = {each.name for each in fields(Configuration)}
    unknown = sorted(map(str, set(given) - known))
    if unknown:
        raise ImproperlyConfigured(
            f'DYNSCHEMA["evolution"] has the unknown setting "{unknown[0]}"; '
            f"it knows {', '.join(sorted(known))}."
        )
    return _checked(Configuration(**given))


def spelled(name: str) -> str:
    """Return how the project calls a setting: as another package does, or as we do."""
    if name not in _own():
        for theirs, ours in ALSO_KNOWN_AS.items():
            if ours == name and getattr(settings, theirs, None) is not None:
                return theirs
    return f'DYNSCHEMA["evolution"]["{name}"]'


def _own() -> Mapping[str, Any]:
    given = conf.configuration().evolution
    if not isinstance(given, Mapping):
        raise ImproperlyConfigured(f'DYNSCHEMA["evolution"] is {given!r}; use a dict.')
    return given


def _from_another_package() -> dict[str, object]:
    found = {ours: getattr(settings, theirs, None) for theirs, ours in ALSO_KNOWN_AS.items()}
    return {name: value for name, value in found.items() if value is not None}


def _checked(chosen: Configuration) -> Configuration:
    for name, (is_allowed, wanted) in RULES.items():
        value = getattr(chosen, name)
        if not is_allowed(value):
            raise ImproperlyConfigured(f"{spelled(name)} is {value!r}; use {wanted}.")
    if chosen.heartbeat_seconds * 2 > chosen.stale_after_seconds:
        raise ImproperlyConfigured(
            f'DYNSCHEMA["evolution"]["stale_after_seconds"] is {chosen.stale_after_seconds:g}, '
            f"less than two heartbeats ({chosen.heartbeat_seconds:g} s each): workers that live "
            "would be taken for lost. Raise it."
        )
    return chosen


def _forget(*, setting: str, **_: object) -> None:
    if setting == "DYNSCHEMA" or setting in ALSO_KNOWN_AS:
        configuration.cache_clear()


setting_changed.connect(_forget)
