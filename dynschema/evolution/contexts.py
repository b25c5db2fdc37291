"""Carries the context of a launch, such as the current tenant, to the worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.utils.module_loading import import_string

from dynschema.evolution.conf import configuration


class DefaultContext:
    """There is no context; the base of classes that have one.

    Args:
        parameters: what `default_parameters` gave when the run was launched.
    """

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters

    def default_parameters(self) -> dict[str, Any]:
        """Return the context of this moment, as JSON."""
        return {}

    @contextmanager
    def execute(self) -> Iterator[None]:
        """Enter the context in the worker, before the run is read."""
        yield


def current_context() -> dict[str, Any]:
    """Return the context of this moment."""
    parameters: dict[str, Any] = _context_class()({}).default_parameters()
    return parameters


def entered(parameters: dict[str, Any]) -> AbstractContextManager[None]:
    """Enter a context again."""
    return _context_class()(parameters).execute()


def _context_class() -> type[DefaultContext]:
    found: type[DefaultContext] = import_string(configuration().context_manager)
    return found
