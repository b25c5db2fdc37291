"""Keeps `makemigrations` from claiming injected fields: the app that has them never declared them.

Django's commands compare the models of the site with the migrations by the class in their attribute
`autodetector`, which is there to be replaced (since Django 5.2). So there are commands of the same
names here, derived from those that the site would have otherwise.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, cast

from django.apps import apps
from django.core.management import find_commands, get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ProjectState

from dynschema.evolution.inject.injections import injections
from dynschema.evolution.inject.updates import originals
from dynschema.exceptions import DynschemaError

OURS = "dynschema.evolution"
COMMANDS = ("makemigrations", "migrate")


class HidingAutodetector(MigrationAutodetector):
    """Compares the models as their own apps declare them."""

    def __init__(
        self, from_state: ProjectState, to_state: ProjectState, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(from_state, as_declared(to_state), *args, **kwargs)


def as_declared(state: ProjectState) -> ProjectState:
    """Return the models without the fields and the changes that other apps gave to them."""
    declared = state.clone()
    for label, name in injections:
        _fields(declared, label).pop(name, None)
    for (label, name), original in originals.items():
        fields = _fields(declared, label)
        if name in fields:
            fields[name] = original.clone()
    return declared


def _fields(state: ProjectState, label: str) -> dict[str, Any]:
    app_label, _, name = label.partition(".")
    model = state.models.get((app_label, name))
    return cast(dict[str, Any], model.fields) if model else {}


class Telling:
    """Tells people in words what is refused; `--traceback` shows where."""

    _called_from_command_line: bool

    def handle(self, *args: Any, **options: Any) -> Any:
        """Run the command; code that calls it is given the error itself."""
        try:
            return super().handle(*args, **options)  # type: ignore[misc]
        except DynschemaError as error:
            if not self._called_from_command_line:
                raise
            raise CommandError(str(error)) from error


def hiding(command: type[BaseCommand]) -> type[BaseCommand]:
    """Return a command like this one that does not see injected fields."""
    hides = _hiding_autodetector(command.autodetector)  # type: ignore[attr-defined]
    _share(hides)
    attributes = {"autodetector": hides, "__module__": command.__module__}
    return type("Command", (Telling, command), attributes)


def _share(autodetector: type[MigrationAutodetector]) -> None:
    """Have both commands use one class, as a check of Django demands.

    An app before ours may have only one of them; django-tenants has `migrate`.
    """
    for name, app in ((name, get_commands()[name]) for name in COMMANDS):
        if app != OURS:
            type(load_command_class(app, name)).autodetector = autodetector  # type: ignore[attr-defined]


@cache
def _hiding_autodetector(present: type[MigrationAutodetector]) -> type[MigrationAutodetector]:
    """Return the same class for both commands, as a check of Django demands."""
    if present is MigrationAutodetector:
        return HidingAutodetector
    return type("HidingAutodetector", (HidingAutodetector, present), {})


def command_of_others(name: str) -> type[BaseCommand]:
    """Return the command that the site would have without ours."""
    for config in apps.get_app_configs():
        folder = Path(config.path) / "management"
        if config.name != OURS and name in find_commands(str(folder)):
            return type(load_command_class(config.name, name))
    return type(load_command_class("django.core", name))


def claiming_commands() -> list[tuple[str, str]]:
    """Return the commands of this site that would claim injected fields: app and name."""
    found = [(get_commands()[name], name) for name in COMMANDS]
    return [each for each in found if not _hides(load_command_class(*each))]


def _hides(command: BaseCommand) -> bool:
    return issubclass(getattr(command, "autodetector", object), HidingAutodetector)
