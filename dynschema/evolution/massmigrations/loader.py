"""Finds the mass migrations of the installed apps: `<app>/massmigrations/0001_name.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig, apps

from dynschema.evolution.exceptions import EvolutionError
from dynschema.evolution.massmigrations.exceptions import (
    InvalidMigrationError,
    UnknownMigrationError,
)
from dynschema.evolution.massmigrations.graph import ordered
from dynschema.evolution.registry import Factory, Reference
from dynschema.evolution.work import Work

if TYPE_CHECKING:
    from dynschema.evolution.massmigrations.migrations import BaseMigration

KIND = "migration"
"""The kind of their runs."""

FOLDER = "massmigrations"
"""The package within an app that has them."""

FILE_NAME = re.compile(r"\d{1,5}_[a-z0-9_]+")
"""Of a migration, without the ending."""

Identifier = str | tuple[str, str] | list[str]
"""`"shop:0001_fill"` or `("shop", "0001_fill")`."""


def key_of(identifier: Identifier) -> str:
    """Return the lasting name of a migration.

    >>> key_of(("shop", "0001_fill")), key_of("shop:0001_fill")
    ('shop:0001_fill', 'shop:0001_fill')
    """
    return identifier if isinstance(identifier, str) else ":".join(identifier)


def reference_to(identifier: Identifier) -> Reference:
    """Return how runs refer to a migration."""
    return Reference(KIND, key_of(identifier))


def find(identifier: Identifier) -> BaseMigration:
    """Load one migration.

    Raises:
        InvalidMigrationError: its file cannot be imported, or has no usable class.
        UnknownMigrationError: there is none of that name.
    """
    key = key_of(identifier)
    label, _, name = key.partition(":")
    app = apps.app_configs.get(label)
    if app is None or name not in names_in(app):
        raise UnknownMigrationError(name=key, known=", ".join(_keys()) or "none at all")
    return _load(app, name)


def load_all() -> list[BaseMigration]:
    """Load all migrations, each after those that it depends on.

    Raises:
        DependencyCycleError: some depend on each other.
        InvalidMigrationError: a file cannot be imported, or has no usable class.
        UnknownDependencyError: one depends on what is not there.
    """
    found = {key: find(key) for key in _keys()}
    dependencies = {
        key: list(map(key_of, migration.dependencies)) for key, migration in found.items()
    }
    return [found[key] for key in ordered(dependencies)]


def names_in(app: AppConfig) -> list[str]:
    """Return the names of the migrations of an app, by their numbers."""
    files = Path(app.path, FOLDER).glob("*.py")
    names = [file.stem for file in files if FILE_NAME.fullmatch(file.stem)]
    return sorted(names, key=lambda name: (int(name.partition("_")[0]), name))


def find_factory(key: str) -> Factory:
    """Return what makes a migration for a worker; it takes no arguments.

    Raises:
        UnknownMigrationError: there is none of that name.
    """

    def make() -> Work:
        return find(key)

    find(key)
    return make


def _keys() -> list[str]:
    return list(_walk())


def _walk() -> Iterator[str]:
    for app in apps.get_app_configs():
        for name in names_in(app):
            yield f"{app.label}:{name}"


def _load(app: AppConfig, name: str) -> BaseMigration:
    found: Any = getattr(_module(app, name), "Migration", None)
    if not (isinstance(found, type) and hasattr(found, "get_allowed_db_aliases")):
        raise InvalidMigrationError(
            name=f"{app.label}:{name}",
            reason="its file has no class Migration that is derived from BaseMigration",
            remedy="manage.py makemassmigration makes files that have one.",
        )
    kind: type[BaseMigration] = found
    return kind(app.label, name)


def _module(app: AppConfig, name: str) -> ModuleType:
    try:
        return import_module(f"{app.name}.{FOLDER}.{name}")
    except EvolutionError:
        raise
    except Exception as error:  # A file of the project may do anything while it is imported.
        raise InvalidMigrationError(
            name=f"{app.label}:{name}",
            reason=f"{type(error).__name__}: {error}",
            remedy="Correct its file, or what that imports.",
        ) from error
