"""Finds values that a database would round or lose without a word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import DecimalField, FloatField, Model

DIGITS = 15
"""Of a number that SQLite holds exactly: it keeps decimals as floats."""

MODELS_KEPT = 64
"""Whose fields are remembered; a dynamic model that is gone must not stay for ever."""


def find_inexact(rows: Sequence[Model], vendor: str) -> tuple[Model, str] | None:
    """Return the first row with such a value, and the name of its field."""
    if vendor != "sqlite":
        return None
    names = _names(type(rows[0]))
    found = ((row, name) for name in names for row in rows if _is_inexact(getattr(row, name)))
    return next(found, None)


@lru_cache(maxsize=MODELS_KEPT)
def _names(model: type[Model]) -> list[str]:
    return [each.attname for each in model._meta.local_concrete_fields if _may_be_inexact(each)]


def _may_be_inexact(field: Any) -> bool:
    is_decimal = isinstance(field, DecimalField)
    return isinstance(field, FloatField) or (
        is_decimal and (field.max_digits or DIGITS + 1) > DIGITS
    )


def _is_inexact(value: Any) -> bool:
    """SQLite makes NULL of what is not a number."""
    if isinstance(value, Decimal):
        digits = "".join(map(str, value.as_tuple().digits)).strip("0")
        return len(digits) > DIGITS
    return isinstance(value, float) and math.isnan(value)
