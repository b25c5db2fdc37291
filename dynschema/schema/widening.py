"""Tells whether a change of type keeps every value, by the types alone.

What is not listed here is not sure, whatever the database would do by itself: PostgreSQL cuts,
rounds or fails, SQLite keeps what it cannot convert. Where the two write a value differently
(`true` and `1`, `1.50` and `1.5`, a UUID with and without dashes) the change is not sure on either.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """What is known about a change of type."""

    lossless: bool
    """True when every value survives; False when not sure."""
    instant: bool = False
    """True when PostgreSQL changes the type without writing the rows anew."""


UNSURE = Verdict(lossless=False)
LOSSLESS = Verdict(lossless=True)
INSTANT = Verdict(lossless=True, instant=True)


@dataclass(frozen=True)
class Type:
    """A type apart from its spelling."""

    family: str
    name: str
    arguments: tuple[int, ...] = ()


FAMILIES = {
    "bool": ("boolean", "boolean"),
    "boolean": ("boolean", "boolean"),
    "smallint": ("integer", "smallint"),
    "int": ("integer", "integer"),
    "integer": ("integer", "integer"),
    "bigint": ("integer", "bigint"),
    "decimal": ("numeric", "numeric"),
    "numeric": ("numeric", "numeric"),
    "real": ("float", "real"),
    "double precision": ("float", "double precision"),
    "varchar": ("text", "varchar"),
    "character varying": ("text", "varchar"),
    "text": ("text", "varchar"),
}
"""Spelling → family and name; `text` is a varchar without a limit."""

DIGITS = {"smallint": 5, "integer": 10, "bigint": 19}
BITS = {"smallint": 15, "integer": 31, "bigint": 63, "real": 24, "double precision": 53}
"""How many bits of a whole number a type holds exactly."""
SQLITE_DECIMAL_DIGITS = 15
"""SQLite stores a decimal as a float, of which Django reads back fifteen digits."""

SPELLING = re.compile(r"([a-z ]+?)(?: unsigned)?(?:\((\d+)(?:, ?(\d+))?\))?")


def verdict(vendor: str, old: str, new: str) -> Verdict:
    """Judge a change of type.

    Args:
        vendor: `postgresql` or `sqlite`; the same name need not hold the same values.
        old: the type as the server or as Django spells it.
        new: likewise.

    >>> verdict("postgresql", "varchar(20)", "text")
    Verdict(lossless=True, instant=True)
    >>> verdict("sqlite", "text", "integer")
    Verdict(lossless=False, instant=False)
    """
    if old == new:
        return INSTANT
    before, after = _parse(vendor, old), _parse(vendor, new)
    if before is None or after is None:
        return UNSURE
    rule = RULES.get((before.family, after.family))
    return rule(before, after) if rule else UNSURE


def _parse(vendor: str, spelling: str) -> Type | None:
    match = SPELLING.fullmatch(spelling.lower())
    if match is None or match[1] not in FAMILIES:
        return None
    family, name = FAMILIES[match[1]]
    arguments = tuple(int(each) for each in match.groups()[1:] if each)
    if vendor == "sqlite" and family == "float":
        name = "double precision"
    if vendor == "sqlite" and family == "numeric" and not arguments:
        arguments = (SQLITE_DECIMAL_DIGITS, 0)
    return Type(family, name, arguments)


def _same(old: Type, new: Type) -> Verdict:
    return INSTANT if old == new else UNSURE


def _longer(old: Type, new: Type) -> Verdict:
    if not new.arguments:
        return INSTANT
    return INSTANT if old.arguments and old.arguments <= new.arguments else UNSURE


def _larger(old: Type, new: Type) -> Verdict:
    if old == new:
        return INSTANT
    return LOSSLESS if BITS[old.name] < BITS[new.name] else UNSURE


def _more_digits(old: Type, new: Type) -> Verdict:
    """More before the point and after it; PostgreSQL rewrites for more after it only."""
    if not new.arguments:
        return INSTANT
    if not old.arguments or _whole_digits(old) > _whole_digits(new) or _scale(old) > _scale(new):
        return UNSURE
    return INSTANT if _scale(old) == _scale(new) else LOSSLESS


def _number_to_digits(old: Type, new: Type) -> Verdict:
    fits = not new.arguments or DIGITS[old.name] <= _whole_digits(new)
    return LOSSLESS if fits else UNSURE


def _number_to_text(old: Type, new: Type) -> Verdict:
    sign = 1
    fits = not new.arguments or DIGITS[old.name] + sign <= new.arguments[0]
    return LOSSLESS if fits else UNSURE


def _truth_to_number(old: Type, new: Type) -> Verdict:
    """0 and 1; PostgreSQL has a cast to `integer` alone."""
    return LOSSLESS if new.name == "integer" else UNSURE


def _scale(of: Type) -> int:
    return of.arguments[1] if len(of.arguments) > 1 else 0


def _whole_digits(of: Type) -> int:
    return of.arguments[0] - _scale(of)


RULES: dict[tuple[str, str], Callable[[Type, Type], Verdict]] = {
    ("boolean", "boolean"): _same,
    ("boolean", "integer"): _truth_to_number,
    ("integer", "integer"): _larger,
    ("integer", "float"): _larger,
    ("integer", "numeric"): _number_to_digits,
    ("integer", "text"): _number_to_text,
    ("float", "float"): _larger,
    ("numeric", "numeric"): _more_digits,
    ("text", "text"): _longer,
}
"""Family of the old type and of the new one → how to judge."""
