"""Tells whether a change of type keeps every value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """What is known about a change of type."""

    lossless: bool
    """True when every value survives; False when not sure."""
    instant: bool = False
    """True when PostgreSQL does not write the rows anew."""


def verdict(vendor: str, old: str, new: str) -> Verdict:
    """Judge a change from one type to another."""
    return Verdict(lossless=old == new)
