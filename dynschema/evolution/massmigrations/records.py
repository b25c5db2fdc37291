"""Tells how a mass migration stands on a database, in words of its own, from the runs there."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from dynschema.evolution.exceptions import NoRunTableError
from dynschema.evolution.massmigrations.loader import KIND
from dynschema.evolution.models import Run
from dynschema.evolution.run_tables import run_table_expected
from dynschema.evolution.statuses import Status


class MigrationStatus(TextChoices):
    """How a mass migration stands on a database."""

    NOT_RUN = "NOT_RUN", _("not run")
    RUNNING = "RUNNING", _("running")
    APPLIED = "APPLIED", _("applied")
    ERRORED = "ERRORED", _("errored")


@dataclass(frozen=True)
class MigrationRecord:
    """What the runs of a mass migration amount to on one database; dry runs are none."""

    key: str
    """`app:name`."""
    database: str
    run: Run | None = None
    """The latest; None when there is none."""
    problem: str = ""
    """Why nothing is known of it on that database."""

    @property
    def is_applied(self) -> bool:
        """Whether every row is done; a run with a failed row never counts."""
        return self.run is not None and self.run.is_done

    def status(self) -> MigrationStatus:
        """Say it in one word."""
        if self.run is None or self.run.status == Status.CANCELLED:
            return MigrationStatus.NOT_RUN
        if self.is_applied:
            return MigrationStatus.APPLIED
        return MigrationStatus.ERRORED if self.has_error else MigrationStatus.RUNNING

    @property
    def in_words(self) -> str:
        """The status, with that of a run which is under way: it may be paused."""
        if self.problem:
            return str(_("no table for runs"))
        if self.run is not None and self.status() == MigrationStatus.RUNNING:
            return self.run.get_status_display()
        return str(self.status().label)

    @property
    def has_error(self) -> bool:
        """Whether it stopped at an error, or rows failed."""
        return self.run is not None and self.run.status == Status.ERRORED

    @property
    def in_progress(self) -> bool:
        """Whether it was started and has not ended."""
        return self.run is not None and not self.run.has_ended

    @property
    def can_be_started(self) -> bool:
        """Whether it was never started, or given up."""
        return self.status() == MigrationStatus.NOT_RUN

    @property
    def occasion(self) -> str:
        """What a new run would be for. Only one ever follows the latest, however many ask."""
        return f"{self.key} after {self.run.pk if self.run is not None else 'nothing'}"

    @property
    def last_error(self) -> str:
        """The class of the error and its message."""
        if self.run is None or not self.run.error_class:
            return ""
        return f"{self.run.error_class}: {self.run.error_message}"

    @property
    def was_faked(self) -> bool:
        """Whether it counts as applied without having run."""
        return self.run is not None and self.run.status == Status.SKIPPED

    @property
    def attempt_uuid(self) -> UUID | None:
        """The primary key of the run."""
        return self.run.pk if self.run is not None else None

    @property
    def initiated_at(self) -> datetime | None:
        """When it was started."""
        return self.run.created_at if self.run is not None else None

    @property
    def applied_at(self) -> datetime | None:
        """When it was done with."""
        return self.run.ended_at if self.run is not None and self.is_applied else None


def record_of(key: str, using: str) -> MigrationRecord:
    """Read how one migration stands.

    Raises:
        NoRunTableError: that database has no table for runs.
    """
    return records_of([key], using)[key]


def records_of(keys: Iterable[str], using: str) -> dict[str, MigrationRecord]:
    """Read how several migrations stand, in one query.

    Raises:
        NoRunTableError: that database has no table for runs.
    """
    names = list(keys)
    rows = Run.objects.using(using).filter(kind=KIND, name__in=names, dry_run=False)
    with run_table_expected(using), _savepoint(using):
        latest = {run.name: run for run in rows.order_by("created_at")}
    return {name: MigrationRecord(name, using, latest.get(name)) for name in names}


def keys_with_runs(using: str) -> list[str]:
    """Return the names of which there are runs, those of migrations that are gone too.

    Raises:
        NoRunTableError: that database has no table for runs.
    """
    rows = Run.objects.using(using).filter(kind=KIND, dry_run=False)
    with run_table_expected(using), _savepoint(using):
        return sorted(set(rows.values_list("name", flat=True)))


def known_records_of(keys: Iterable[str], using: str) -> dict[str, MigrationRecord]:
    """Read how several migrations stand, to be shown; a database without runs has a problem."""
    names = list(keys)
    try:
        return records_of(names, using)
    except NoRunTableError as error:
        return {name: MigrationRecord(name, using, problem=str(error)) for name in names}


def _savepoint(using: str) -> AbstractContextManager[Any]:
    """A missing table must not break the transaction around."""
    in_transaction = connections[using].in_atomic_block
    return transaction.atomic(using) if in_transaction else nullcontext()
