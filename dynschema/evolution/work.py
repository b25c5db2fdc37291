"""What a piece of work is: over which items it goes, what it does to each, and how it behaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from django.db import OperationalError
from django.db.models import QuerySet

from dynschema.evolution.batch_sizes import WANTED_SECONDS
from dynschema.evolution.batches import BulkSource, ListSource, RowSource, Source, rows_of
from dynschema.evolution.throttles import Throttle
from dynschema.exceptions import BusyError

if TYPE_CHECKING:
    from dynschema.evolution.models import Run


class Work:
    """Code that is executed as a run, over `items()`; without any, `process` is called once.

    The parameters of `__init__` are the arguments of the run; they must be JSON. An instance
    lives for one slice, so nothing may be kept on it: what lasts is in the database.
    """

    batch_size: int | None = None
    """Items per transaction; only at the start if `batch_seconds` is set too."""
    batch_seconds: float | None = None
    """How long a batch should take; its size then follows. With neither, it follows 0.1 s."""
    on_error: Literal["stop", "skip"] = "stop"
    """`stop` at the first failed item; `skip` records it, goes on, and is errored at the end."""
    retries: int = 3
    """How often in a row an error of `retry_on` is tried again before it counts."""
    retry_on: tuple[type[Exception], ...] = (OperationalError, BusyError)
    """By default what passes by itself: locks, deadlocks, lost connections. OperationalError means
    no more than these, though SQLite raises it at a mistake in SQL as well."""
    retry_delay_seconds: float = 10.0
    """Before the first retry; doubled before each further one."""
    throttles: Sequence[Throttle] = ()
    atomic: bool = True
    """Each batch is one transaction, together with the cursor. Without it a batch may be repeated
    after a crash."""
    is_bulk: ClassVar[bool] = False

    run: Run
    """Set before anything is called."""

    @property
    def wanted_seconds(self) -> float | None:
        """How long a batch should take; None where its size is fixed."""
        if self.batch_size is None and self.batch_seconds is None:
            return WANTED_SECONDS
        return self.batch_seconds

    @property
    def using(self) -> str:
        """The alias of the database to work on, where the run is stored as well."""
        return self.run.database

    def items(self) -> Sequence[Any]:
        """Return what to go over, always in the same order."""
        return (None,)

    def process(self, item: Any) -> None:
        """Do what is to be done to one item.

        Its writes happen exactly once. Anything else (mails, files) may happen again when a
        batch is repeated after an error.
        """

    def process_batch(self, batch: Any) -> None:
        """Process a whole batch in one go."""
        for item in batch:
            self.process(item)

    def count(self) -> int | None:
        """Return how many items there will be; None where counting takes too long."""
        return self.source().count()

    def source(self) -> Source:
        """Return what cuts the items into batches."""
        return ListSource(self.items())


class QuerySetWork(Work):
    """Work over the rows of one model, row by row, in the order of their primary key.

    Rows that are added behind the last one after the start are left out.
    """

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows; `select_for_update()` keeps others from changing those of a batch."""
        raise TypeError(f"{type(self).__name__} must define get_queryset().")

    def source(self) -> Source:
        """Return what cuts the rows into batches."""
        return RowSource(rows_of(self.get_queryset(), self.run))


class BulkWork(QuerySetWork):
    """Work over the rows of one model in which a batch is one queryset, as for `update()`."""

    is_bulk = True

    def process_batch(self, batch: QuerySet[Any]) -> None:
        """Do what is to be done to the rows of a batch."""
        raise TypeError(f"{type(self).__name__} must define process_batch().")

    def source(self) -> Source:
        """Return what cuts the rows into batches."""
        return BulkSource(rows_of(self.get_queryset(), self.run))
