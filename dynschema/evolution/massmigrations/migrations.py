"""What a mass migration is: the classes that the files of a project derive from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from inspect import cleandoc
from typing import Any
from uuid import UUID

from django.apps.registry import Apps
from django.db import connections
from django.db.models import Model, QuerySet
from django.utils import timezone

from dynschema.evolution.batches import BulkSource, RowSource, Source, rows_of
from dynschema.evolution.callables import IN_VAIN, is_called_in_vain
from dynschema.evolution.exceptions import AlreadyActiveError, OccasionTakenError
from dynschema.evolution.failures import describe_error
from dynschema.evolution.launching import DEFAULTS, Options, launch, skip
from dynschema.evolution.massmigrations.exceptions import (
    CannotRunOnDB,
    DbAliasNotAllowed,
    DependentMigrationNotApplied,
    InvalidMigrationError,
    MigrationAlreadyStarted,
    NotStartedError,
)
from dynschema.evolution.massmigrations.loader import find, key_of, reference_to
from dynschema.evolution.massmigrations.model_state import current_apps
from dynschema.evolution.massmigrations.records import MigrationRecord, record_of
from dynschema.evolution.models import Run
from dynschema.evolution.moves import move
from dynschema.evolution.run_tables import databases_for_runs
from dynschema.evolution.statuses import Status
from dynschema.evolution.work import Work

REMEDIES = {
    Status.PAUSED: "Resume it: manage.py massmigrate resume {name} --database={using}.",
    Status.ERRORED: (
        "Correct the cause and resume it: manage.py massmigrate resume {name} "
        "--database={using}. To begin again from the first row, cancel it before."
    ),
    Status.SUCCEEDED: "Nothing is to be done.",
    Status.SKIPPED: "Nothing is to be done.",
}
"""What can be done about a migration that was started; otherwise it is under way."""

UNDER_WAY = "Wait, or follow it: manage.py massmigrate resume {name} --database={using}."


def _refuse_what_no_run_could_call(given: type[Work]) -> None:
    for name in ("backend_method", "backend_params"):
        if getattr(given, name, None):
            raise InvalidMigrationError(
                name=given.__module__,
                reason=f"it has a {name}, and engines know none",
                remedy="Define process(), or a launch() of its own.",
            )
    for name in ("process", "process_batch", "operation", "bulk_operation"):
        if is_called_in_vain(getattr(given, name, None)):
            raise InvalidMigrationError(
                name=given.__module__,
                reason=f"of {name}() {IN_VAIN}",
                remedy="Define it as an ordinary function.",
            )


class BaseMigration(Work):
    """A mass migration with steps of its own: goes over `items()`, calls `process` for each.

    A file `<app>/massmigrations/0001_name.py` has one subclass, named `Migration`; its docstring
    is shown in the admin. It also takes every attribute of `Work`, such as `batch_size`,
    `on_error` and `throttles`.
    """

    allowed_db_aliases: Sequence[str] | None = None
    """The databases on which it may be run; None: all whose routers allow a table for runs."""
    dependencies: Sequence[tuple[str, str]] = ()
    """Pairs of app label and name: what must be applied to the same database before."""
    backend: str | None = None
    """The name of the engine; None: that of the settings."""
    options: Options = DEFAULTS
    """How `launch` launches it; set on an instance."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for alias in cls.allowed_db_aliases or ():
            if alias not in connections:
                subject = f"allowed_db_aliases of {cls.__module__}"
                known = ", ".join(connections)
                raise DbAliasNotAllowed(subject=subject, using=alias, known=known)
        _refuse_what_no_run_could_call(cls)

    def __init__(self, app_label: str, name: str) -> None:
        self.app_label = app_label
        self.name = name

    @property
    def key(self) -> str:
        """The lasting name: `app:name`."""
        return key_of((self.app_label, self.name))

    @property
    def apps(self) -> Apps:
        """The registry with the models to work on: those of the point where `migrate` is."""
        return current_apps()

    @property
    def description(self) -> str:
        """The docstring."""
        return cleandoc(type(self).__doc__ or "")

    @classmethod
    def get_allowed_db_aliases(cls) -> list[str]:
        """Return the databases on which it may be run."""
        if cls.allowed_db_aliases is None:
            return databases_for_runs()
        return list(cls.allowed_db_aliases)

    def get_migration_record(self, db_alias: str) -> MigrationRecord | None:
        """Return how it stands on a database; None when it was never started there."""
        record = record_of(self.key, db_alias)
        return record if record.run is not None else None

    def can_be_started(self, db_alias: str) -> bool:
        """Tell whether it was never started there, or was given up."""
        return record_of(self.key, db_alias).can_be_started

    def check_dependencies(self, db_alias: str) -> None:
        """Make sure that all it depends on is applied.

        What does not run on this database must be applied wherever it may run.

        Raises:
            DependentMigrationNotApplied: one is not.
            UnknownMigrationError: one is not there.
        """
        for dependency in map(find, self.dependencies):
            allowed = dependency.get_allowed_db_aliases()
            for alias in [db_alias] if db_alias in allowed else allowed:
                if not record_of(dependency.key, alias).is_applied:
                    raise DependentMigrationNotApplied(
                        name=self.key, dependency=dependency.key, using=alias
                    )

    def check_database(self, db_alias: str) -> None:
        """Make sure that it may run there.

        Raises:
            CannotRunOnDB: it may not.
        """
        allowed = self.get_allowed_db_aliases()
        if db_alias not in allowed:
            raise CannotRunOnDB(name=self.key, using=db_alias, allowed=", ".join(allowed))

    def check_not_started(self, db_alias: str) -> MigrationRecord:
        """Make sure that it was not started there, or was given up.

        Returns:
            How it stands.

        Raises:
            MigrationAlreadyStarted: it is applied, under way, or errored.
        """
        record = record_of(self.key, db_alias)
        if record.run is not None and not record.can_be_started:
            raise _already_started(record.run)
        return record

    def launch(self, db_alias: str) -> Run:
        """Have it run on a database.

        Returns:
            The run as it is when its engine has it; with the engine `inline` it has ended.

        Raises:
            CannotRunOnDB: it may not run there.
            DependentMigrationNotApplied: something must be applied before.
            MigrationAlreadyStarted: it is applied, under way, or errored.
        """
        self.check_database(db_alias)
        occasion = None if self.options.dry_run else self.check_not_started(db_alias).occasion
        self.check_dependencies(db_alias)
        options = replace(
            self.options, engine=self.options.engine or self.backend, occasion=occasion
        )
        return self._launch(db_alias, options)

    def fake(self, db_alias: str) -> Run:
        """Note that it is applied, without running it.

        Raises:
            CannotRunOnDB: it may not run there.
            MigrationAlreadyStarted: it is applied or under way.
        """
        self.check_database(db_alias)
        record = record_of(self.key, db_alias)
        if record.run is not None and (record.is_applied or record.in_progress):
            raise _already_started(record.run)
        options = replace(self.options, occasion=record.occasion)
        with _told_as_started():
            return skip(reference_to(self.key), using=db_alias, options=options)

    def process(self, item: Any) -> None:
        """Do what is to be done to one of `items()`; without these, all."""
        raise TypeError(f"{self.key} must define process().")

    def mark_as_started(self, db_alias: str) -> UUID:
        """Store that a `launch` of one's own has begun; nobody else will work on this run.

        Raises:
            MigrationAlreadyStarted: it is applied, under way, or errored.
        """
        occasion = self.check_not_started(db_alias).occasion
        run = self._launch(db_alias, replace(self.options, engine="manual", occasion=occasion))
        _take(run)
        return run.pk

    def mark_as_finished(self, db_alias: str) -> None:
        """Store that a `launch` of one's own is done, after which it is applied.

        Raises:
            NotStartedError: it was not begun, or has ended.
        """
        self._end(db_alias, Status.SUCCEEDED, {})

    def mark_as_errored(self, db_alias: str, error: BaseException) -> None:
        """Store at which error a `launch` of one's own ended.

        Raises:
            NotStartedError: it was not begun, or has ended.
        """
        self._end(db_alias, Status.ERRORED, describe_error(error))

    def _launch(self, db_alias: str, options: Options) -> Run:
        with _told_as_started():
            return launch(reference_to(self.key), using=db_alias, options=options)

    def _end(self, db_alias: str, status: Status, changes: dict[str, Any]) -> None:
        run = record_of(self.key, db_alias).run
        # A silent worker may have been taken for lost meanwhile; this one is back.
        is_ours = run is not None and (run.status != Status.INTERRUPTED or _take(run))
        if run is None or not (is_ours and move(run, status, timezone.now(), **changes)):
            raise NotStartedError(name=self.key, using=db_alias)


class SimpleMigration(BaseMigration):
    """A mass migration that is one call, in one transaction."""

    def operation(self, db_alias: str) -> Any:
        """Do all that is to be done."""
        raise TypeError(f"{self.key} must define operation().")

    def process(self, item: Any) -> None:
        """Call the operation."""
        self.operation(self.using)


class MapperMigration(BaseMigration):
    """A mass migration that goes over the rows of a queryset, in the order of their keys.

    Define `operation` to be called for each row, or `bulk_operation` for each batch of rows.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.is_bulk = cls.bulk_operation is not MapperMigration.bulk_operation

    def get_queryset(self, db_alias: str) -> QuerySet[Any]:
        """Return the rows."""
        raise TypeError(f"{self.key} must define get_queryset().")

    def operation(self, obj: Model, db_alias: str) -> Any:
        """Do what is to be done to one row."""
        raise TypeError(f"{self.key} must define operation() or bulk_operation().")

    def bulk_operation(self, queryset: QuerySet[Any], db_alias: str) -> Any:
        """Do what is to be done to a batch of rows, of which nobody has loaded one."""

    def source(self) -> Source:
        """Return what cuts the rows into batches."""
        kind = BulkSource if self.is_bulk else RowSource
        return kind(rows_of(self.get_queryset(self.using), self.run))

    def process(self, item: Any) -> None:
        """Call the operation for one row."""
        self.operation(item, self.using)

    def process_batch(self, batch: Any) -> None:
        """Call the operation for each row, or once for all of them."""
        if self.is_bulk:
            self.bulk_operation(batch, self.using)
        else:
            super().process_batch(batch)


@contextmanager
def _told_as_started() -> Iterator[None]:
    """Say in the words of migrations that somebody else was faster."""
    try:
        yield
    except (AlreadyActiveError, OccasionTakenError) as error:
        raise _already_started(error.facts["run"]) from error


def _already_started(run: Run) -> MigrationAlreadyStarted:
    remedy = REMEDIES.get(Status(run.status), UNDER_WAY)
    return MigrationAlreadyStarted(
        name=run.name,
        using=run.database,
        status=run.status,
        pk=run.pk,
        remedy=remedy.format(name=run.name, using=run.database),
    )


def _take(run: Run) -> bool:
    now = timezone.now()
    return move(run, Status.RUNNING, now, generation=run.generation + 1, started_at=now)
