"""System checks: what would break a promise, found before the first request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from dynschema.conf import configuration
from dynschema.definitions import database_of
from dynschema.loading import blueprints, quarantine
from dynschema.schema.dialects import VENDORS


def register_all() -> None:
    """Register the checks with Django."""
    register(check_settings)
    register(check_databases)
    register(check_quarantine, Tags.models)


def check_settings(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """E001: the settings can be read."""
    try:
        configuration()
    except (ImproperlyConfigured, TypeError) as error:
        return [Error(str(error), hint="Correct DYNSCHEMA in the settings.", id="dynschema.E001")]
    return []


def check_databases(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """E002, E003 and W001: the database with the definitions can keep the promises."""
    aliases = sorted({database_of(each) for each in blueprints.values()})
    return [*_check_number(aliases), *(each for name in aliases for each in _check_database(name))]


def check_quarantine(
    app_configs: Sequence[AppConfig] | None = None, **_: Any
) -> list[CheckMessage]:
    """W002: every definition that this process has read could be built."""
    return [
        Warning(
            f"The dynamic model of {key} cannot be built: {error}",
            hint="Correct the definition; the rest of the site runs without it.",
            id="dynschema.W002",
        )
        for key, error in sorted(quarantine.items())
    ]


def _check_number(aliases: list[str]) -> Iterator[CheckMessage]:
    """The classes of a process are those of one epoch."""
    if len(aliases) > 1:
        yield Error(
            f"Definitions are kept in {len(aliases)} databases: {', '.join(aliases)}. "
            "A process has the classes of one of them at a time.",
            hint="Let your database routers keep all definitions in one database.",
            id="dynschema.E003",
        )


def _check_database(alias: str) -> Iterator[CheckMessage]:
    connection = connections[alias]
    if connection.vendor not in VENDORS:
        yield Error(
            f'The database "{alias}" ({connection.vendor}) cannot change tables and rows '
            "in one transaction.",
            hint="Keep definitions on PostgreSQL or SQLite.",
            id="dynschema.E002",
        )
    options = connection.settings_dict.get("OPTIONS", {})
    if options.get("prepare_threshold") is not None:
        yield Warning(
            f'The database "{alias}" prepares statements, which fail after a table has changed.',
            hint='Remove "prepare_threshold" from its OPTIONS.',
            id="dynschema.W001",
        )
