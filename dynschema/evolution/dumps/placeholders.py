"""Stand for models that are not there: dynamic ones not yet, and others not any more."""

from __future__ import annotations

from typing import Any, Protocol

from dynschema import freshness
from dynschema.evolution.dumps.exceptions import UnresolvedModelError


class Uses(Protocol):
    """What knows the database."""

    @property
    def using(self) -> str: ...  # noqa: D102


class UnresolvedModel:
    """A model that is gone; using it is an error, having it is none."""

    def __init__(self, label: str) -> None:
        self._label = label

    def __call__(self, **values: Any) -> Any:
        """Refuse.

        Raises:
            UnresolvedModelError: always.
        """
        raise UnresolvedModelError(label=self._label)

    def __getattr__(self, name: str) -> Any:
        raise UnresolvedModelError(label=self._label)


class DynamicModel:
    """The current class for a key, looked up each time that it is used."""

    def __init__(self, key: str, label: str, script: Uses) -> None:
        self._key = key
        self._label = label
        self._script = script

    def resolved(self) -> Any:
        """Return the class; what stands for a model that is gone if there is none."""
        found = freshness.current(self._script.using).models.get(self._key)
        return UnresolvedModel(self._label) if found is None else found

    def __call__(self, **values: Any) -> Any:
        """Return an instance."""
        return self.resolved()(**values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.resolved(), name)
