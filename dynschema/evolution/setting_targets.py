"""Follows the settings to what they name, and says what of it is missing or of no use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from dynschema.evolution.conf import Configuration, configuration, spelled
from dynschema.evolution.dumps.migrators import Migrator
from dynschema.evolution.engines.base import Engine
from dynschema.evolution.engines.choice import engine_named
from dynschema.evolution.exceptions import EvolutionError
from dynschema.evolution.post_deploy.works import engine_of_actions
from dynschema.evolution.schedules.cron import checked_line

ON_TASKS = "django_tasks"
"""The engine that looks into TASKS."""

Wish = tuple[Callable[[Any], bool], str]


def missing_targets() -> Iterator[str]:
    """Yield a sentence for each setting that leads nowhere.

    Raises:
        ImproperlyConfigured: a setting has a name or a type that is wrong by itself.
    """
    # To look at engines takes paths that lead somewhere, and theirs takes its backend.
    yield from list(_wrong_paths()) or list(_wrong_tasks()) or list(_wrong_engines())
    yield from _wrong_schedule()


def _is_class_of(base: type) -> Callable[[Any], bool]:
    return lambda found: isinstance(found, type) and issubclass(found, base)


def _is_context(found: Any) -> bool:
    wanted = ("default_parameters", "execute")
    return callable(found) and all(hasattr(found, each) for each in wanted)


def _is_celery(found: Any) -> bool:
    return hasattr(found, "tasks") and hasattr(found, "conf")  # It may be a proxy of the app.


WISHES: dict[str, Wish] = {
    "context_manager": (
        _is_context,
        "is no class with the methods default_parameters() and execute()",
    ),
    "scheduler_manager": (callable, "is no class"),
    "celery_app": (_is_celery, "is no Celery app"),
    "migrator": (_is_class_of(Migrator), "is no subclass of Migrator"),
}
AN_ENGINE: Wish = (
    _is_class_of(Engine),
    "is no subclass of dynschema.evolution.engines.base.Engine",
)


def _wrong_paths() -> Iterator[str]:
    chosen = configuration()
    for name, wish in WISHES.items():
        yield from _wrong_path(spelled(name), getattr(chosen, name), wish)
    for name, path in chosen.engines.items():
        yield from _wrong_path(f'{spelled("engines")}["{name}"]', path, AN_ENGINE)


def _wrong_path(called: str, path: str, wish: Wish) -> Iterator[str]:
    is_wanted, otherwise = wish
    reason = ""
    try:
        if path and not is_wanted(import_string(path)):
            reason = otherwise
    except ImportError as error:
        reason = f"cannot be imported ({error})"
    except Exception as error:  # Whatever its module does.
        reason = f"cannot be imported ({type(error).__name__}: {error})"
    if reason:
        yield f'{called} is "{path}", which {reason}.'


def _wrong_engines() -> Iterator[str]:
    for name in sorted(_engines_in_use(configuration())):
        try:
            engine_named(name)
        except (ImproperlyConfigured, EvolutionError, ImportError) as error:
            yield str(error)


def _engines_in_use(chosen: Configuration) -> set[str]:
    return {chosen.engine, engine_of_actions() or chosen.engine}


def _wrong_tasks() -> Iterator[str]:
    chosen = configuration()
    is_used = ON_TASKS in _engines_in_use(chosen)
    known: Mapping[str, Any] = getattr(settings, "TASKS", None) or {"default": {}}
    name, queue = chosen.tasks_backend, chosen.tasks_queue
    if name not in known:
        if is_used or name != Configuration.tasks_backend:
            listed = ", ".join(sorted(known))
            yield f'{spelled("tasks_backend")} is "{name}", which is not in TASKS; it has {listed}.'
        return
    queues = known[name].get("QUEUES", ["default"])
    if is_used and queues and queue not in queues:
        listed = ", ".join(sorted(queues))
        yield (
            f'{spelled("tasks_queue")} is "{queue}", which is not among the QUEUES of "{name}" in '
            f"TASKS; these are {listed}."
        )


def _wrong_schedule() -> Iterator[str]:
    line = configuration().default_schedule
    try:
        if line != Configuration.default_schedule:  # No process loads croniter for that one.
            checked_line(line)
    except EvolutionError as error:
        yield f"{spelled('default_schedule')}: {error}"
