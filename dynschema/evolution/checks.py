"""The system checks of the data half: settings that cannot work are found at start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from dynschema.evolution.engines.choice import engine_named
from dynschema.evolution.exceptions import EvolutionError
from dynschema.evolution.inject.injections import injections
from dynschema.evolution.massmigrations.loader import load_all
from dynschema.evolution.setting_targets import missing_targets

if TYPE_CHECKING:
    from dynschema.evolution.massmigrations.migrations import BaseMigration


def check_settings(**_: Any) -> list[checks.CheckMessage]:
    """Refuse settings that are unknown or wrong, or that lead to what is not there."""
    try:
        found = list(missing_targets())
    except ImproperlyConfigured as error:
        found = [str(error)]
    hint = "docs/explanation/runs.md lists the settings and the engines."
    return [checks.Error(each, hint=hint, id="dynschema_evolution.E001") for each in found]


def check_left_settings(**_: Any) -> list[checks.CheckMessage]:
    """Warn of the one setting of another package that would silently mean nothing."""
    path = getattr(settings, "MASSMIGRATION_BACKEND", None)
    if path is None:
        return []
    text = f'MASSMIGRATION_BACKEND is "{path}", and nothing reads it: engines execute migrations.'
    hint = "docs/how-to/come-from-django-mass-migration.md says what takes its place."
    return [checks.Warning(text, hint=hint, id="dynschema_evolution.W001")]


def check_mass_migrations(**_: Any) -> list[checks.CheckMessage]:
    """Refuse mass migrations that cannot be loaded or executed, or that wait in vain."""
    try:
        found = [text for each in load_all() for text in _wrong_backend(each)]
    except EvolutionError as error:
        found = [str(error)]
    return [checks.Error(each, id="dynschema_evolution.E002") for each in found]


def _wrong_backend(migration: BaseMigration) -> Iterator[str]:
    try:
        if migration.backend:
            engine_named(migration.backend)
    except (ImproperlyConfigured, EvolutionError, ImportError) as error:
        yield f'The backend of mass migration "{migration.key}" cannot be used. {error}'


def check_injected_fields(**_: Any) -> list[checks.CheckMessage]:
    """Refuse commands of other apps that would write migrations for injected fields."""
    if not injections:
        return []
    # It takes the machinery of migrations along, of which most processes have no need.
    from dynschema.evolution.inject.hiding import claiming_commands  # noqa: PLC0415

    hint = (
        'Derive the "autodetector" of that Command from '
        "dynschema.evolution.inject.hiding.HidingAutodetector."
    )
    return [
        checks.Error(
            f"`manage.py {name}` comes from {app}, which knows nothing of injected fields: "
            "it would claim them for the apps of their models.",
            hint=hint,
            id="dynschema_evolution.E003",
        )
        for app, name in claiming_commands()
    ]


def register_all() -> None:
    """Register them with Django."""
    checks.register(check_settings)
    checks.register(check_mass_migrations)
    checks.register(check_left_settings)
    checks.register(check_injected_fields)
