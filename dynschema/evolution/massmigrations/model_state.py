"""Which models a mass migration sees: those of now, or of the point where `migrate` is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.apps import apps
from django.apps.registry import Apps

_apps: ContextVar[Apps] = ContextVar("apps", default=apps)


def current_apps() -> Apps:
    """Return the registry of the models to work on."""
    return _apps.get()


@contextmanager
def apps_of_state(state_apps: Apps) -> Iterator[None]:
    """Have mass migrations see the models of a state while the block lasts."""
    token = _apps.set(state_apps)
    try:
        yield
    finally:
        _apps.reset(token)
