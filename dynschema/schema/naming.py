"""Chooses names in the database: readable ones, and never one that belonged to another key.

A retired column keeps its name, and a writer that has not noticed a rename still uses the old
one: so the name of one field is never given to another, and nobody writes into a wrong column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import count

MAX_BYTES = 63
"""What PostgreSQL keeps of a name; it cuts the rest off without a word."""


def choose(name: str, key: str, owners: Mapping[str, str | None]) -> str:
    """Return the first of `name`, `name_2`, `name_3` … that is free or belongs to this key.

    Args:
        name: the readable name; it is shortened when it is too long for the database.
        key: the lasting identity of what is to be named.
        owners: whose each name is, in lower case; None for something that we did not make.

    >>> choose("age", "question:17", {"age": "question:3"})
    'age_2'
    """
    return next(each for each in _candidates(name) if owners.get(each.lower(), key) == key)


def shorten(name: str, room: int = MAX_BYTES) -> str:
    """Cut a name to `room` bytes, its end replaced by a digest of the whole.

    >>> len(shorten("x" * 80))
    63
    """
    raw = name.encode()
    if len(raw) <= room:
        return name
    digest = blake2b(raw, digest_size=4).hexdigest()
    return raw[: room - 9].decode(errors="ignore") + "_" + digest


def _candidates(name: str) -> Iterator[str]:
    yield shorten(name)
    for number in count(2):
        suffix = f"_{number}"
        yield shorten(name, MAX_BYTES - len(suffix)) + suffix
