"""The operation of a Django migration that lets `migrate` pass only when data has followed."""

from __future__ import annotations

import sys
from typing import Any

from django.apps.registry import Apps
from django.db import connections, router
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from dynschema.evolution.control import resume
from dynschema.evolution.display import shown_progress
from dynschema.evolution.exceptions import NoRunTableError
from dynschema.evolution.foreground import finish, not_ended_by_work
from dynschema.evolution.launching import Options
from dynschema.evolution.massmigrations.exceptions import (
    EnsuredInTransactionError,
    PendingMigrationError,
)
from dynschema.evolution.massmigrations.loader import find, key_of
from dynschema.evolution.massmigrations.migrations import BaseMigration, MapperMigration
from dynschema.evolution.massmigrations.model_state import apps_of_state
from dynschema.evolution.massmigrations.records import MigrationRecord, record_of
from dynschema.evolution.run_tables import databases_for_runs
from dynschema.evolution.statuses import HELD, WAITING

BY = "manage.py migrate"

NO_TABLE = (
    'The table for runs is made later: add ("dynschema_evolution", "0001_initial") to the '
    "dependencies of that Migration class."
)
COMMAND = "Run: manage.py massmigrate {command} {name} --database={using}, then migrate again."

PROCESS_BEGAN_AT = timezone.now()
"""Nearly: this module is loaded before this process migrates anything."""


class EnsureMassMigration(Operation):
    """Lets `migrate` pass only when a mass migration is applied.

    Where it is not, `migrate` stops with the command to type. In a migration with `atomic = False`
    it first waits for one that is under way. Where there is nothing to do, it passes: a mapper
    over a table without rows counts as applied, and no other one holds up a new database.

    Args:
        app_label: the app of the mass migration.
        name: its name, as `0001_fill_ages`.
        finalize: start it, or resume it, and work it off here, instead of stopping. Needs
            `atomic = False`. The mass migration finds the models of this point in `self.apps`.
    """

    reduces_to_sql = False
    reversible = True

    def __init__(self, app_label: str, name: str, *, finalize: bool = False) -> None:
        self.app_label = app_label
        self.name = name
        self.finalize = finalize

    @property
    def key(self) -> str:
        """The lasting name of the mass migration."""
        return key_of((self.app_label, self.name))

    @property
    def migration_name_fragment(self) -> str:
        """What `makemigrations` would call a migration of this alone."""
        return f"ensure_{self.app_label}_{self.name}"

    def describe(self) -> str:
        """Say in one line what is done."""
        return f"Ensure that the mass migration {self.key} is applied"

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change no model."""

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Let data be."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Pass, work it off, or stop.

        Raises:
            EnsuredInTransactionError: it is to be worked off, and there is a transaction.
            PendingMigrationError: it is not applied.
        """
        using = schema_editor.connection.alias
        if using not in databases_for_runs() or not router.allow_migrate(using, app_label):
            return
        if self.finalize and schema_editor.connection.in_atomic_block:
            raise EnsuredInTransactionError(name=self.key)
        record = self._record(using)
        needless = record.can_be_started and self._is_needless(using, from_state)
        if not (record.is_applied or needless):
            with apps_of_state(from_state.apps), not_ended_by_work():
                self._apply(record)
            self._require(self._record(using))

    def _record(self, using: str) -> MigrationRecord:
        try:
            return record_of(self.key, using)
        except NoRunTableError as error:
            raise PendingMigrationError(
                name=self.key, using=using, status="not run", remedy=NO_TABLE
            ) from error

    def _is_needless(self, using: str, from_state: Any) -> bool:
        migration = find(self.key)
        if using not in migration.get_allowed_db_aliases():
            return True
        if not isinstance(migration, MapperMigration):
            return not self.finalize and _is_new(using)
        if not _has_no_rows(migration, from_state.apps, using):
            return False
        migration.options = Options(triggered_by=BY, message="There were no rows.")
        migration.fake(using)
        return True

    def _apply(self, record: MigrationRecord) -> None:
        """Work it off, or help with what is under way already, if that can be done here."""
        if connections[record.database].in_atomic_block:
            return
        with shown_progress(sys.stdout):
            run = self._started(record) if self.finalize else record.run
            if run is not None and run.status in WAITING | HELD:
                finish(run)

    def _started(self, record: MigrationRecord) -> Any:
        if record.can_be_started:
            migration: BaseMigration = find(self.key)
            migration.options = Options(triggered_by=BY)
            migration.launch(record.database)
        elif record.run is not None and "resume" in record.run.allowed_actions:
            resume(record.run)
        return self._record(record.database).run

    def _require(self, record: MigrationRecord) -> None:
        if not record.is_applied:
            command = "run" if record.can_be_started else "resume"
            remedy = COMMAND.format(command=command, name=self.key, using=record.database)
            status = f"{record.in_words} ({record.last_error})" if record.last_error else None
            raise PendingMigrationError(
                name=self.key,
                using=record.database,
                status=status or record.in_words,
                remedy=remedy,
            )


def _has_no_rows(migration: MapperMigration, apps: Apps, using: str) -> bool:
    """Ask the table as it is now, of which the model of the code may know too many columns."""
    try:
        with apps_of_state(apps):
            label = migration.get_queryset(using).model._meta.label
        model = apps.get_model(label)
    except LookupError:
        return False
    return not model._base_manager.using(using).exists()


def _is_new(using: str) -> bool:
    """Tell whether this process has made the database, so that nothing old is in it."""
    recorder = MigrationRecorder(connections[using])
    first = recorder.migration_qs.order_by("applied").first()
    return first is None or first.applied >= PROCESS_BEGAN_AT
