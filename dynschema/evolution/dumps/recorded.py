"""Leaves a run in the history for each dump and each restore: counts, duration, error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from django.utils import timezone

from dynschema.callers import user_name
from dynschema.evolution import signals
from dynschema.evolution.conf import configuration
from dynschema.evolution.dumps.exceptions import NotARestoreError
from dynschema.evolution.exceptions import OwnershipLostError
from dynschema.evolution.failures import NO_ERROR, describe_error
from dynschema.evolution.heartbeat import beating
from dynschema.evolution.models import NAME_LENGTH, Run
from dynschema.evolution.moves import move
from dynschema.evolution.registry import Factory, register_kind
from dynschema.evolution.run_tables import run_table_expected
from dynschema.evolution.statuses import Status

DUMP, RESTORE = "dump", "restore"
"""The kinds of these runs; they are part of no dump."""


class Tally:
    """Counts the rows of a dump or a restore, and tells who listens."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._began = perf_counter()

    def expect(self, rows: int) -> None:
        """Note how many rows there will be."""
        self.run.total_count = rows

    def add(self, rows: int) -> None:
        """Note that rows are done with."""
        self.run.done_count += rows
        self.run.seconds_running = perf_counter() - self._began
        signals.run_progressed.send_robust(sender=Run, run=self.run)

    def finish(self) -> None:
        """Store the counts; a restore does so in the transaction of its rows.

        Raises:
            OwnershipLostError: it was taken for lost meanwhile.
        """
        counts = {name: getattr(self.run, name) for name in COUNTS}
        if not move(self.run, Status.SUCCEEDED, timezone.now(), **counts, **NO_ERROR):
            raise OwnershipLostError(pk=self.run.pk, name=self.run.name)


COUNTS = ("total_count", "done_count", "seconds_running")


@contextmanager
def recorded(kind: str, name: str, using: str) -> Iterator[Tally]:
    """Store a run, which is errored when the block is; otherwise the block finishes its tally."""
    run = _started(kind, name, using)
    tally = Tally(run)
    try:
        with beating(run):
            yield tally
    except BaseException as error:
        counts = {each: getattr(run, each) for each in COUNTS}
        move(run, Status.ERRORED, timezone.now(), **counts, **describe_error(error))
        raise


def _started(kind: str, name: str, using: str) -> Run:
    now = timezone.now()
    run = Run(
        kind=kind,
        name=name[-NAME_LENGTH:],
        database=using,
        status=Status.RUNNING,
        overlap=True,
        engine=configuration().engine,
        triggered_by=user_name(),
        created_at=now,
        started_at=now,
        heartbeat_at=now,
    )
    with run_table_expected(using):
        run.save(using=using, force_insert=True)
    return run


def _lost(kind: str) -> Any:
    def find(name: str) -> Factory:
        raise NotARestoreError(kind=kind, name=name)

    return find


def register_kinds() -> None:
    """Let a lost dump or restore be known as what it is, in every process."""
    for kind in (DUMP, RESTORE):
        register_kind(kind, _lost(kind))
