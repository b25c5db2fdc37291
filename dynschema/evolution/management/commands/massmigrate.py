"""`manage.py massmigrate`: shows mass migrations, runs them and controls their runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections

from dynschema.callers import caller_of
from dynschema.evolution import control
from dynschema.evolution.display import shown_progress
from dynschema.evolution.foreground import finish, not_ended_by_work
from dynschema.evolution.launching import Options
from dynschema.evolution.massmigrations.exceptions import NotStartedError
from dynschema.evolution.massmigrations.loader import find, load_all
from dynschema.evolution.massmigrations.migrations import BaseMigration
from dynschema.evolution.massmigrations.records import (
    MigrationRecord,
    keys_with_runs,
    known_records_of,
    record_of,
    records_of,
)
from dynschema.evolution.massmigrations.reports import line_about, lines_about
from dynschema.evolution.models import Run
from dynschema.evolution.statuses import Status
from dynschema.exceptions import DynschemaError

WITHOUT_CODE = ("pause", "cancel")
"""What can be done with a run although its migration has another name by now, or is gone."""

TITLES = {
    "list": "Show how all mass migrations stand on each database.",
    "status": "Show all that is known of mass migrations: progress, errors, dependencies.",
    "run": "Run mass migrations here and now; exit with 1 unless they are applied then.",
    "pause": "Have their runs stand still after the batch that they are at.",
    "resume": "Go on here and now with what is paused, errored, or under way.",
    "cancel": "Give their runs up; what these have done stays.",
    "fake": "Note that mass migrations are applied, without running them.",
}


class Command(BaseCommand):
    """Shows mass migrations, runs them and controls their runs."""

    help = "Shows mass migrations, runs them, and pauses, resumes or cancels their runs."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare one sub-command for each thing to do; without any, it is `list`."""
        _add_check(parser, default=False)
        _add_database(parser, default=None)
        parser.set_defaults(command="list", keys=[])
        commands = parser.add_subparsers(dest="command")
        for name, text in TITLES.items():
            command = commands.add_parser(name, help=text, description=text)
            command.add_argument("keys", nargs="*", metavar="APP:NAME", help="Which ones.")
            _add_database(command, default=argparse.SUPPRESS)
            if name in ("list", "status"):
                _add_check(command, default=argparse.SUPPRESS)
            else:
                command.add_argument("--all", action="store_true", help="All that it applies to.")
            if name == "run":
                command.add_argument(
                    "--dry-run", action="store_true", help="Undo every batch again."
                )

    def handle(self, **options: Any) -> None:
        """Do it; what is refused is told without a traceback."""
        command = options.pop("command") or "list"
        database = options["database"]
        if database is not None and database not in connections:
            known = ", ".join(connections)
            raise CommandError(f'There is no database "{database}"; the settings name {known}.')
        try:
            if command in ("list", "status"):
                self.show(command, **options)
            else:
                with not_ended_by_work():
                    self.change(command, **options)
        except DynschemaError as error:
            raise CommandError(str(error), returncode=1) from error

    # Looking

    def show(self, command: str, *, keys: list[str], check: bool, **options: Any) -> None:
        """Print how migrations stand, and fail if that was asked for."""
        write = lines_about if command == "status" else line_about
        records = list(_records(_chosen(keys), options["database"]))
        for migration, record in records:
            self.stdout.write(write(migration, record))
        if not records:
            self.stdout.write("There are no mass migrations.")
        waiting = sum(not record.is_applied for _, record in records)
        if check and waiting:
            raise CommandError(f"Not applied yet: {waiting} of {len(records)}.", returncode=1)

    # Doing

    def change(
        self, command: str, *, keys: list[str], all: bool, database: str | None, **options: Any
    ) -> None:
        """Do one thing to several migrations, one after the other; stop at the first failure."""
        using = database or DEFAULT_DB_ALIAS
        if bool(keys) == all:
            raise CommandError("Name mass migrations as APP:NAME, or say --all.")
        do: Callable[..., None] = getattr(self, command)
        chosen: list[Any]
        if command in WITHOUT_CODE:
            chosen = [_run_named(key, using) for key in keys] or _runs_for(command, using)
        else:
            chosen = [find(key) for key in keys] or _all_for(command, using)
        for each in chosen:
            do(each, using, **options)

    def run(self, migration: BaseMigration, using: str, *, dry_run: bool, **_: Any) -> None:
        """Run it."""
        migration.options = Options(triggered_by=_who("run"), dry_run=dry_run)
        with shown_progress(self.stdout) as display:
            launched: Run | None = migration.launch(using)
            run = launched or _run_of(migration, using)
            display.close(finish(run))
        self._require_done(run, dry_run)

    def resume(self, migration: BaseMigration, using: str, **_: Any) -> None:
        """Go on with it; join in where it is under way."""
        run = _run_of(migration, using)
        with shown_progress(self.stdout) as display:
            if run.has_ended or run.status == Status.PAUSED:
                control.resume(run)
            display.close(finish(run))
        self._require_done(run)

    def pause(self, run: Run, using: str, **_: Any) -> None:
        """Pause it."""
        control.pause(run)
        self._tell(run)

    def cancel(self, run: Run, using: str, **_: Any) -> None:
        """Cancel it."""
        control.cancel(run)
        self._tell(run)

    def fake(self, migration: BaseMigration, using: str, **_: Any) -> None:
        """Note that it is applied."""
        migration.options = Options(triggered_by=_who("fake"))
        self._tell(migration.fake(using))

    def _tell(self, run: Run) -> None:
        self.stdout.write(f"{run.name}: {run.status}")

    def _require_done(self, run: Run, dry_run: bool = False) -> None:
        done = run.status == Status.SUCCEEDED if dry_run else run.is_done
        if not done:
            reason = f": {run.error_class}: {run.error_message}" if run.error_class else ""
            raise CommandError(f"{run.name} is {run.status}{reason}", returncode=1)


def _add_check(parser: argparse.ArgumentParser, default: Any) -> None:
    parser.add_argument(
        "--check",
        action="store_true",
        default=default,
        help="Exit with 1 while any is not applied.",
    )


def _add_database(parser: argparse.ArgumentParser, default: Any) -> None:
    """It may stand before a command or behind it; what is not said there must not undo it."""
    parser.add_argument("--database", default=default, help="Alias.")


def _chosen(keys: list[str]) -> list[BaseMigration]:
    return [find(key) for key in keys] if keys else load_all()


def _records(
    migrations: Iterable[BaseMigration], database: str | None
) -> Iterable[tuple[BaseMigration, MigrationRecord]]:
    """Give each migration with each database on which it may run."""
    for migration in migrations:
        for alias in migration.get_allowed_db_aliases():
            if database in (None, alias):
                yield migration, known_records_of([migration.key], alias)[migration.key]


def _all_for(command: str, using: str) -> list[BaseMigration]:
    """Return what a command makes sense for, in the order of the dependencies."""
    found = []
    for migration, record in _records(load_all(), using):
        actions = record.run.allowed_actions if record.run is not None else []
        is_open = record.can_be_started if command in ("run", "fake") else command in actions
        if is_open:
            found.append(migration)
    return found


def _runs_for(command: str, using: str) -> list[Run]:
    """Return the runs that a command makes sense for: in the same order, and those left over."""
    keys = [each.key for each in load_all()]
    left_over = [key for key in keys_with_runs(using) if key not in keys]
    records = records_of([*keys, *left_over], using)
    latest = [records[key].run for key in [*keys, *left_over]]
    return [run for run in latest if run is not None and command in run.allowed_actions]


def _run_named(key: str, using: str) -> Run:
    return record_of(key, using).run or _run_of(find(key), using)


def _run_of(migration: BaseMigration, using: str) -> Run:
    run = record_of(migration.key, using).run
    if run is None:
        raise NotStartedError(name=migration.key, using=using)
    return run


def _who(command: str) -> str:
    return caller_of(f"massmigrate {command}")
