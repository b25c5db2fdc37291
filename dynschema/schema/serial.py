"""Turns specs and operations into values that JSON can hold, and back without loss.

What equals its default is left out, so that stored history stays short, and old history stays
readable when a class gains an attribute.
"""

from __future__ import annotations

import types
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints


def to_json(value: Any) -> Any:
    """Return the value as dicts, lists and scalars.

    >>> from dynschema.schema.spec import FieldSpec
    >>> to_json((FieldSpec("age", "integer", null=False),))
    [{'name': 'age', 'type': 'integer', 'null': False}]
    """
    if isinstance(value, tuple):
        return [to_json(each) for each in value]
    if isinstance(value, type) or not is_dataclass(value):
        return value
    kind: Any = type(value)
    values = vars(value)
    return {
        name: to_json(values[name]) for name, default in _defaults(kind) if values[name] != default
    }


def from_json(kind: Any, data: Any) -> Any:
    """Return what `to_json` was given, which was of this kind.

    >>> from dynschema.schema.spec import FieldSpec
    >>> from_json(tuple[FieldSpec, ...], [{"name": "age", "type": "integer"}])[0].name
    'age'
    """
    if data is None:
        return None
    if get_origin(kind) is types.UnionType:
        kind = next(each for each in get_args(kind) if each is not type(None))
    if get_origin(kind) is tuple:
        return tuple(from_json(get_args(kind)[0], each) for each in data)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: from_json(hints[name], each) for name, each in data.items()})
    return data


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _defaults(kind: Any) -> list[tuple[str, Any]]:
    return [(each.name, _default(each)) for each in fields(kind)]


def _default(each: Field[Any]) -> Any:
    return each.default if each.default_factory is MISSING else each.default_factory()
