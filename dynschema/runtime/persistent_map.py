"""A mapping that never changes, of which a slightly different one is quickly made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

SHARDS = 128
"""How many parts; with 5,000 entries a change copies 40 of them instead of all."""


class PersistentMap(Mapping[Key, Value]):
    """Keeps its entries in parts, and shares with its successor all parts that stay."""

    __slots__ = ("_shards",)

    def __init__(self, shards: tuple[dict[Key, Value], ...] = ({},) * SHARDS) -> None:
        self._shards = shards

    def __getitem__(self, key: Key) -> Value:
        return self._shards[hash(key) % SHARDS][key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.sorted())

    def sorted(self) -> dict[Key, Value]:
        """Return all entries in the order of their keys, which is the same in each process."""
        entries: dict[Any, Value] = {}
        for shard in self._shards:
            entries |= shard
        return {key: entries[key] for key in sorted(entries)}

    def __len__(self) -> int:
        return sum(map(len, self._shards))

    def changed(self, changes: Mapping[Key, Value | None]) -> PersistentMap[Key, Value]:
        """Return the same mapping with some entries replaced.

        Args:
            changes: new values by key; None takes the entry away.
        """
        shards, copied = list(self._shards), set()
        for key, value in changes.items():
            place = hash(key) % SHARDS
            if place not in copied:
                copied.add(place)
                shards[place] = dict(shards[place])
            if value is None:
                shards[place].pop(key, None)
            else:
                shards[place][key] = value
        return PersistentMap(tuple(shards))
