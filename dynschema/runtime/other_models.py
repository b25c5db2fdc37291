"""Notices a model that comes along with a generated class, such as one for its history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.models.signals import class_prepared

from dynschema.runtime.build import ModelClass

Refuse = Callable[[ModelClass], Exception]
"""Makes the error about the other model."""

_under_way: ContextVar[tuple[str, Refuse] | None] = ContextVar("under_way", default=None)


@contextmanager
def alone(key: str, refuse: Refuse) -> Iterator[None]:
    """Let a class be generated, and no other model with it.

    The other would have no table, no migration would make one, and each new generation would
    register it again.

    Args:
        key: the key of the class.
        refuse: makes the error that is raised when another model is prepared meanwhile; Django
            has not registered it yet.
    """
    token = _under_way.set((key, refuse))
    try:
        yield
    finally:
        _under_way.reset(token)


def refuse_other(sender: type[Any], **_: Any) -> None:
    """Refuse a model that is not the one under way."""
    expected = _under_way.get()
    # What inherits from the class has its key, but not in its own body.
    if expected is not None and vars(sender).get("_dynschema_key") != expected[0]:
        raise expected[1](sender)


class_prepared.connect(refuse_other)
