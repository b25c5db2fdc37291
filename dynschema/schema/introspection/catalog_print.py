"""Digests what the catalog says of a table, so that one that nobody touched is not compared."""

from __future__ import annotations

from hashlib import blake2b


def catalog_print(rows: object) -> str:
    """Return a digest of the rows of the catalog, in an order of their own."""
    return blake2b(repr(rows).encode(), digest_size=16).hexdigest()
