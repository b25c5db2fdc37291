"""The settings, their defaults and units, as one frozen object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, Literal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed


@dataclass(frozen=True)
class Configuration:
    """What `DYNSCHEMA` in the project's settings may hold."""

    column_names: Literal["readable", "stable"] = "readable"
    """`readable`: a rename renames the column; `stable`: the column keeps its first name."""
    lock_timeout_ms: int = 2_000
    """Milliseconds that a change waits for a lock of PostgreSQL; 0 waits for ever."""
    evolution: Mapping[str, Any] = field(default_factory=dict)
    """The settings of the data half, which reads them itself: `dynschema.evolution.conf`."""


@lru_cache(maxsize=1)
def configuration() -> Configuration:
    """Return the settings of this project.

    Raises:
        ImproperlyConfigured: `DYNSCHEMA` holds an unknown name or a wrong value.
    """
    given = getattr(settings, "DYNSCHEMA", {})
    if not isinstance(given, Mapping):
        raise ImproperlyConfigured(f"DYNSCHEMA is {given!r}; use a dict.")
    known = {each.name for each in fields(Configuration)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise ImproperlyConfigured(
            f'DYNSCHEMA has the unknown setting "{unknown[0]}"; '
            f"it knows {', '.join(sorted(known))}."
        )
    return _checked(Configuration(**given))


def _checked(chosen: Configuration) -> Configuration:
    if chosen.column_names not in ("readable", "stable"):
        raise ImproperlyConfigured(
            f'DYNSCHEMA["column_names"] is "{chosen.column_names}"; use "readable" or "stable".'
        )
    timeout = chosen.lock_timeout_ms
    if not isinstance(timeout, int) or timeout < 0:
        raise ImproperlyConfigured(
            f'DYNSCHEMA["lock_timeout_ms"] is {timeout!r}; use a whole number of milliseconds, '
            "or 0 to wait for ever."
        )
    return chosen


def _forget(*, setting: str, **_: object) -> None:
    if setting == "DYNSCHEMA":
        configuration.cache_clear()


setting_changed.connect(_forget)
