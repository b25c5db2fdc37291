"""Writes values as Python source, exactly: what is read again is equal, digit for digit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Field

from dynschema.evolution.dumps.exceptions import UnwritableValueError

Write = Callable[[Any], str]
"""Writes a value of one field."""

JSON_NULL = "JSON_NULL"
"""The name, in a dump, of a null within JSON, which is not the NULL of the database."""


def literal(value: Any) -> str:
    """Return the source of a value.

    Raises:
        TypeError: its type is none of those that fields have.

    >>> literal({"b": [1.5, None], "a": Decimal("1.50")})
    "{'a': Decimal('1.50'), 'b': [1.5, None]}"
    >>> literal(timedelta(days=1, microseconds=2))
    'timedelta(1, 0, 2)'
    """
    write = _WRITERS.get(type(value))
    if write is None:
        raise TypeError(f"{type(value).__name__} has no literal")
    return write(value)


def writer_for(field: Any) -> Write:
    """Return what writes the values of a field."""
    if hasattr(field, "range_type"):
        return _range
    if is_array(field):
        return _array_writer(writer_for(field.base_field))
    return _value_writer(field)


def is_array(field: Any) -> bool:
    """Tell whether the values of a field are lists of those of another one."""
    return hasattr(field, "base_field") and hasattr(field, "size")


def element_of(field: Any) -> Any:
    """Return the field of what is in an array, however deep; a field that is none itself."""
    while is_array(field):
        field = field.base_field
    return field


def target_of(field: Any) -> Field[Any, Any]:
    """Return the field whose values a field has: another one for what refers to it."""
    while field.remote_field:
        field = field.target_field
    found: Field[Any, Any] = field
    return found


def _value_writer(field: Field[Any, Any]) -> Write:
    """Write what has no literal of its own as the field itself turns it into text."""
    target = target_of(field)
    names = {"model": target.model._meta.label, "field": target.attname}

    def write(value: Any) -> str:
        known = _range if hasattr(value, "isempty") else _WRITERS.get(type(value))
        try:
            return known(value) if known else _from_text(target, value)
        except (TypeError, ValueError, ValidationError) as error:
            raise UnwritableValueError(**names, reason=error) from error

    return write


def _from_text(field: Field[Any, Any], value: Any) -> str:
    """Write a value as a text, if the field can read it again."""
    holder: Any = SimpleNamespace(**{field.attname: value})
    text: Any = field.value_to_string(holder)
    if not isinstance(text, str):
        raise TypeError(f"{value!r} becomes {text!r}, which is no text")
    again = field.to_python(text)
    # What is encrypted is another one each time; what is an array does not like to be compared.
    if field.get_prep_value(again) != field.get_prep_value(value) and again != value:
        raise ValueError(f"{value!r} becomes {text!r}, and that {again!r}")
    return f"from_text({field.model._meta.label!r}, {field.attname!r}, {text!r})"


def _array_writer(write: Write) -> Write:
    def write_array(value: Any) -> str:
        if value is None:
            return "None"
        return _bracketed(map(write, value))

    return write_array


def _range(value: Any) -> str:
    if value is None:
        return "None"
    if value.isempty:
        return "Range(empty=True)"
    return f"Range({literal(value.lower)}, {literal(value.upper)}, {value.bounds!r})"


def _bracketed(parts: Iterable[str]) -> str:
    return f"[{', '.join(parts)}]"


def _float(value: float) -> str:
    return repr(value) if math.isfinite(value) else f"float({str(value)!r})"


def _datetime(value: datetime) -> str:
    moment = value if value.tzinfo is None else value.astimezone(UTC)
    parts = [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second]
    return f"dt({_listed([*parts, moment.microsecond])})"


def _date(value: date) -> str:
    return f"date({_listed([value.year, value.month, value.day])})"


def _time(value: time) -> str:
    return f"time({_listed([value.hour, value.minute, value.second, value.microsecond])})"


def _timedelta(value: timedelta) -> str:
    return f"timedelta({_listed([value.days, value.seconds, value.microseconds])})"


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


def _list(value: Iterable[Any]) -> str:
    return _bracketed(map(literal, value))


def _dict(value: dict[Any, Any]) -> str:
    """In the order of the keys: PostgreSQL keeps no other."""
    pairs = sorted(value.items(), key=lambda pair: str(pair[0]))
    return "{" + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in pairs) + "}"


_WRITERS: dict[type, Write] = {
    type(None): repr,
    bool: repr,
    int: repr,
    str: repr,
    float: _float,
    bytes: repr,
    memoryview: lambda value: repr(bytes(value)),
    Decimal: repr,
    UUID: repr,
    datetime: _datetime,
    date: _date,
    time: _time,
    timedelta: _timedelta,
    list: _list,
    tuple: _list,
    dict: _dict,
}
