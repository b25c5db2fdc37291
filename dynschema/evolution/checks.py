"""The system checks of the data half: settings that cannot work are found at start."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from dynschema.evolution.conf import configuration
from dynschema.evolution.engines.choice import engine_named
from dynschema.evolution.exceptions import EvolutionError


def check_settings(**_: Any) -> list[checks.CheckMessage]:
    """Refuse settings that are unknown, and engines that are missing."""
    try:
        engine_named(configuration().engine)
    except (ImproperlyConfigured, EvolutionError, ImportError) as error:
        hint = "docs/explanation/runs.md lists the settings and the engines."
        return [checks.Error(str(error), hint=hint, id="dynschema_evolution.E001")]
    return []


def register_all() -> None:
    """Register them with Django."""
    checks.register(check_settings)
