"""Are these arguments JSON, and do they fit the work?"""

from __future__ import annotations

import inspect
import json
import re
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from dynschema.evolution.exceptions import InvalidArgumentsError
from dynschema.evolution.registry import Factory

ZERO_BYTE = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""As JSON writes it, and not the text of a backslash and what follows it."""

JSON_TYPES = (str, int, float, bool, list, dict, NoneType)


def check_arguments(name: str, factory: Factory, arguments: dict[str, Any]) -> None:
    """Refuse arguments with which the work could not be made in another process.

    Raises:
        InvalidArgumentsError: they are not JSON, or do not fit the signature.
    """
    reason = _why_not_json(arguments) or _why_not_fitting(factory, arguments)
    if reason:
        raise InvalidArgumentsError(name=name, reason=reason)


def _why_not_json(arguments: dict[str, Any]) -> str | None:
    for key, value in arguments.items():
        try:
            text = json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
        except (TypeError, ValueError) as error:
            return f'"{key}" is not JSON ({error})'
        if ZERO_BYTE.search(text.decode()):
            return f'"{key}" has a zero byte, which PostgreSQL cannot store'
        if json.loads(text) != value:
            return f'"{key}" would come back from JSON as something else'
    return None


def _why_not_fitting(factory: Factory, arguments: dict[str, Any]) -> str | None:
    try:
        inspect.signature(factory).bind(**arguments)
    except TypeError as error:
        return str(error)
    hints = _hints_of(factory)
    for key, value in arguments.items():
        allowed = _json_types_in(hints.get(key))
        if allowed and not _is_one_of(value, allowed):
            names = " or ".join(each.__name__ for each in allowed)
            return f'"{key}" is {value!r}, and not {names}'
    return None


def _hints_of(factory: Factory) -> dict[str, Any]:
    try:
        parameters = inspect.signature(factory, eval_str=True).parameters
    except NameError:
        # The annotation is there for a type checker only; nothing is known then.
        return {}
    return {name: parameter.annotation for name, parameter in parameters.items()}


def _json_types_in(hint: Any) -> tuple[type, ...]:
    """An annotation that says something else than JSON says nothing to us."""
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    types = tuple(get_origin(each) or each for each in options)
    return types if all(each in JSON_TYPES for each in types) else ()


def _is_one_of(value: Any, allowed: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in allowed
    return isinstance(value, allowed) or (float in allowed and isinstance(value, int))
