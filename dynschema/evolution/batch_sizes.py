"""How large the next batch should be, from how long the last one took."""

from __future__ import annotations

FIRST_ROWS = 500

WANTED_SECONDS = 0.1
"""What a batch has locked is locked for that long; its own cost no longer counts beside it."""

LARGEST_ROWS = 100_000
"""Beyond this a batch holds its locks, and a transaction its undo, for too much."""

FASTEST_GROWTH = 2.0
"""A batch that was quick by chance should not be followed by one that takes minutes."""


def next_size(size: int, seconds: float, wanted_seconds: float) -> int:
    """Return the size with which a batch takes about as long as wanted.

    >>> next_size(100, seconds=2.0, wanted_seconds=1.0)
    50
    >>> next_size(100, seconds=0.001, wanted_seconds=1.0)
    200
    """
    growth = min(FASTEST_GROWTH, wanted_seconds / max(seconds, 1e-6))
    return max(1, min(LARGEST_ROWS, round(size * growth)))
