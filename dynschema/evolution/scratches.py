"""Knows which aliases lead to a scratch database for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_scratches: list[str] = []


def is_scratch(using: str) -> bool:
    """Tell whether an alias leads to a database that will be dropped."""
    return using in _scratches


@contextmanager
def known_as_scratch(using: str) -> Iterator[None]:
    """Have it known of an alias within the block, in all threads, as its settings are."""
    _scratches.append(using)
    try:
        yield
    finally:
        _scratches.remove(using)
