"""Cuts what a work goes over into batches that can be found again from a stored position."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db.models import Field, ForeignKey, Model, QuerySet
from django.db.models.manager import BaseManager

from dynschema.evolution.exceptions import InvalidQuerySetError

if TYPE_CHECKING:
    from dynschema.evolution.models import Run

Position = list[Any]
"""JSON: the values of the primary key, or the place in a list. `[]` stands before everything."""


@dataclass(frozen=True)
class Batch:
    """Some items that follow one another."""

    items: Any
    """A list, or in the bulk form a queryset."""
    count: int
    last: Position
    """Where the next batch begins, exclusively."""
    position: Callable[[int], Position]
    """Gives the position of an item by its place in this batch."""
    model: type[Model] | None = None
    """Whose keys the positions are; None where they are places in a list."""


class Source(ABC):
    """Something to go over."""

    @abstractmethod
    def count(self) -> int:
        """Count the items there are now."""

    @abstractmethod
    def end(self) -> Position:
        """Return the position of the last item there is now; `[]` when there is none."""

    @abstractmethod
    def batch(self, after: Position, end: Position, size: int) -> Batch | None:
        """Return the next items behind a position, up to the end; None when none is left."""

    @abstractmethod
    def one(self, position: Position) -> Batch | None:
        """Return one item as a batch; None when it is gone."""


class ListSource(Source):
    """Goes over a list; a position is a place in it."""

    def __init__(self, items: Sequence[Any]) -> None:
        self._items = items

    def count(self) -> int:
        """Count the items."""
        return len(self._items)

    def end(self) -> Position:
        """Return the last place."""
        return [len(self._items) - 1] if self._items else []

    def batch(self, after: Position, end: Position, size: int) -> Batch | None:
        """Return the next slice of the list."""
        start = after[0] + 1 if after else 0
        stop = min(start + size, end[0] + 1 if end else 0, len(self._items))
        if stop <= start:
            return None
        items = list(self._items[start:stop])
        return Batch(items, len(items), [stop - 1], lambda place: [start + place])

    def one(self, position: Position) -> Batch | None:
        """Return the item at a place."""
        return self.batch([position[0] - 1], position, 1)


class RowSource(Source):
    """Goes over rows by keyset: the primary key, of any type, is the position."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        _refuse_what_has_no_keys(queryset)
        queryset = _not_reversed(queryset)
        self._queryset = queryset
        self._fields: list[Field] = list(queryset.model._meta.pk_fields)
        # Of a composite "pk" Django does not convert the columns that are relations.
        self._columns = [field.attname for field in self._fields]
        keys = _unlocked(queryset).order_by("pk").values_list(*self._columns)
        self._may_repeat = _may_repeat(queryset)
        self._keys = keys.distinct() if self._may_repeat else keys

    def count(self) -> int:
        """Count the rows."""
        return self._keys.order_by().count()

    def end(self) -> Position:
        """Return the greatest primary key."""
        return self._position(self._keys.order_by("-pk").first())

    def batch(self, after: Position, end: Position, size: int) -> Batch | None:
        """Return the next rows, each once even where a join repeats them."""
        if not end:
            return None
        rows = list(self._between(self._queryset, after, end).order_by("pk")[:size])
        if self._may_repeat:
            rows = [next(same) for _, same in groupby(rows, key=self._key_of)]
        if not rows:
            return None
        keys = list(map(self._key_of, rows))  # A work may change those of its instances.

        def position(place: int) -> Position:
            return self._position(keys[place])

        return Batch(rows, len(rows), position(-1), position, self._queryset.model)

    def one(self, position: Position) -> Batch | None:
        """Return the row with a primary key."""
        rows = list(self._queryset.filter(pk=self._key(position))[:1])
        if not rows:
            return None
        return Batch(rows, 1, position, lambda place: position, self._queryset.model)

    def _between(self, queryset: QuerySet[Any], after: Position, end: Position) -> QuerySet[Any]:
        found = queryset.filter(pk__lte=self._key(end))
        return found.filter(pk__gt=self._key(after)) if after else found

    def _key_of(self, row: Model) -> tuple[Any, ...]:
        return tuple(getattr(row, column) for column in self._columns)

    def _position(self, key: tuple[Any, ...] | None) -> Position:
        if key is None:
            return []
        return [_as_json(*pair) for pair in zip(self._fields, key, strict=True)]

    def _key(self, position: Position) -> Any:
        pairs = zip(self._fields, position, strict=True)
        values = tuple(field.to_python(value) for field, value in pairs)
        return values if len(values) > 1 else values[0]


class BulkSource(RowSource):
    """Goes over rows of which nobody loads one: a batch is a queryset between two keys."""

    def batch(self, after: Position, end: Position, size: int) -> Batch | None:
        """Return the next rows as one queryset."""
        if not end:
            return None
        keys = self._between(self._keys, after, end)
        last, count = self._position(next(iter(keys[size - 1 : size]), None)), size
        if not last:
            last, count = end, keys.count()
        if not count:
            return None
        items = self._between(self._queryset, after, last)
        return Batch(items, count, last, lambda place: last, self._queryset.model)

    def one(self, position: Position) -> Batch | None:
        """Return one row as a queryset."""
        items = self._queryset.filter(pk=self._key(position))
        count = _unlocked(items).count()
        if not count:
            return None
        return Batch(items, count, position, lambda place: position, self._queryset.model)


def rows_of(given: Any, run: Run) -> QuerySet[Any]:
    """Return the rows that a work goes over, in the database of its run.

    Raises:
        InvalidQuerySetError: the work gives something else than rows.
    """
    if isinstance(given, (QuerySet, BaseManager)):
        return given.all().using(run.database)
    reason = f"is a {type(given).__name__}"
    if given is None or isinstance(given, type):
        reason = f"is the class {given.__name__}" if given else "is None"
    raise InvalidQuerySetError(name=run.name, reason=reason)


def _as_json(field: Field, value: Any) -> Any:
    """As Django's serializers do; a JSON encoder would cut the microseconds of a time."""
    if isinstance(value, (int, str)):
        return value
    while isinstance(field, ForeignKey):  # It only says where the key comes from.
        field = field.target_field
    holder: Model = field.model(**{field.attname: value})
    return field.value_to_string(holder)


def _not_reversed(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """What `reverse()` has turned round stays so under any other order."""
    copy = queryset.all()
    copy.query.standard_ordering = True
    return copy


def _may_repeat(queryset: QuerySet[Any]) -> bool:
    """Tell whether there are joins, which may give a row several times."""
    return len(queryset.query.alias_map) > 1 or bool(queryset.query.extra_tables)


def _unlocked(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Rows are locked where they are processed, not where they are counted."""
    copy = queryset.all()
    copy.query.select_for_update = False
    return copy


def _refuse_what_has_no_keys(queryset: QuerySet[Any]) -> None:
    query = queryset.query
    reasons = {
        "is sliced": query.is_sliced,
        f"is a {query.combinator}": query.combinator,
        "gives values and no rows": queryset._fields is not None,  # type: ignore[attr-defined]
        "is distinct on some fields": query.distinct_fields,
        "skips locked rows, which nobody would come back to": query.select_for_update_skip_locked,
    }
    for reason, holds in reasons.items():
        if holds:
            raise InvalidQuerySetError(name=queryset.model._meta.label, reason=reason)
