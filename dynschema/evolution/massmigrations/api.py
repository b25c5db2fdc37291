"""Controls mass migrations from programs."""

from __future__ import annotations

from dynschema.evolution.launching import DEFAULTS, Options
from dynschema.evolution.massmigrations.loader import Identifier, find, load_all
from dynschema.evolution.massmigrations.migrations import BaseMigration
from dynschema.evolution.massmigrations.records import MigrationRecord, record_of


def get_all_migrations() -> list[BaseMigration]:
    """Return the migrations of all apps, each after those that it depends on."""
    return load_all()


def get_migration(identifier: Identifier) -> BaseMigration:
    """Return one migration.

    Raises:
        UnknownMigrationError: there is none of that name.
    """
    return find(identifier)


def migration_is_applied(migration: BaseMigration, db_alias: str) -> bool:
    """Tell whether all of it is done."""
    return record_of(migration.key, db_alias).is_applied


def migration_was_started(migration: BaseMigration, db_alias: str) -> bool:
    """Tell whether it was ever started, even if it failed or was given up."""
    return record_of(migration.key, db_alias).run is not None


def migration_is_in_progress(migration: BaseMigration, db_alias: str) -> bool:
    """Tell whether it was started and has not ended; it may be paused."""
    return record_of(migration.key, db_alias).in_progress


def can_start_migration(migration: BaseMigration, db_alias: str) -> bool:
    """Tell whether `initiate_migration` would start it, as far as its own runs are concerned.

    What is errored is resumed, or cancelled first.
    """
    return record_of(migration.key, db_alias).can_be_started


def initiate_migration(
    migration: BaseMigration, db_alias: str, options: Options = DEFAULTS
) -> MigrationRecord:
    """Start it.

    Args:
        migration: what to start.
        db_alias: on which database.
        options: how its run is launched, such as by whom.

    Returns:
        How it stands when its engine has the run.

    Raises:
        CannotRunOnDB: it may not run there.
        DependentMigrationNotApplied: something must be applied before.
        MigrationAlreadyStarted: it is applied, under way, or errored.
    """
    migration.options = options
    migration.launch(db_alias)
    return record_of(migration.key, db_alias)
