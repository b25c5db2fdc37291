"""Which definitions were touched and wait for a sync: keys and nothing else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Marks:
    """Which definitions were touched: a key and nothing else, since a sync reads them anew."""

    definitions: frozenset[tuple[str, str]] = frozenset()
    """Label of the blueprint, and primary key as text."""
    field_keys: frozenset[str] = frozenset()
    """Field definitions that may have been part of another definition before."""

    def __bool__(self) -> bool:
        return bool(self.definitions or self.field_keys)

    def __or__(self, other: Marks) -> Marks:
        return Marks(self.definitions | other.definitions, self.field_keys | other.field_keys)

    @classmethod
    def of(cls, label: str, pk: object, *field_keys: str) -> Marks:
        """Mark one definition of the blueprint with this label, because of some of its fields.

        A field definition may belong to no definition, and then only where it was is concerned.
        """
        definitions = () if pk is None else ((label, str(pk)),)
        return cls(frozenset(definitions), frozenset(field_keys))
