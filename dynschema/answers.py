"""Asks a blueprint, and refuses an answer of the wrong sort."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Model

from dynschema.exceptions import InvalidDefinitionError


def is_text(answer: Any) -> bool:
    """True for what can be a name."""
    return isinstance(answer, str)


def is_text_or_none(answer: Any) -> bool:
    """True for what can be a name that need not be given."""
    return answer is None or is_text(answer)


def is_named(answer: Any) -> bool:
    """True for something by name."""
    return isinstance(answer, Mapping) and all(map(is_text, answer))


def is_bases(answer: Any) -> bool:
    """True for classes of which one makes the others a model."""
    if not isinstance(answer, Sequence) or not all(isinstance(each, type) for each in answer):
        return False
    return any(issubclass(each, Model) for each in answer)


SORTS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "model_name": (is_text, "a text"),
    "field_name": (is_text, "a text"),
    "fields": (is_named, "a dict of fields by name"),
    "bases": (is_bases, "a tuple of classes with a model among them"),
    "meta": (is_named, "a dict of options by name"),
    "attributes": (is_named, "a dict of attributes by name"),
    "db_table": (is_text_or_none, "a text or None"),
}
"""What a method has to answer: how to tell, and in words."""


def ask(blueprint: Any, method: str, row: Model) -> Any:
    """Return what a method of a blueprint answers about a row.

    Args:
        blueprint: whom to ask.
        method: the name of the method, one of `SORTS`.
        row: a definition or a field definition.

    Raises:
        InvalidDefinitionError: the answer is of another sort than is needed.
    """
    answer = getattr(blueprint, method)(row)
    fits, wanted = SORTS[method]
    if fits(answer):
        return answer
    if isinstance(answer, Iterator):
        answer = tuple(answer)  # It can be gone through only once.
    if not fits(answer):
        asked = f"{blueprint.label}.{method}()"
        reason = f"{asked} gives {answer!r}, where {wanted} is needed. Correct the blueprint."
        raise InvalidDefinitionError(reason=reason)
    return answer
