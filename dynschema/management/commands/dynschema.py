"""`manage.py dynschema`: plan, sync, status and history of the dynamic tables."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable, Container, Iterable
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localtime

from dynschema import freshness, history
from dynschema.bulk import Results, known_keys, plan_all, sync_all
from dynschema.callers import caller_of
from dynschema.exceptions import DynschemaError
from dynschema.loading import definitions_database
from dynschema.management.options import add_database, count
from dynschema.models import Change
from dynschema.schema.operations import operation_from_json
from dynschema.schema.plan import Plan
from dynschema.status import TableStatus, read_status


class Command(BaseCommand):
    """Shows and brings up to date the tables that definitions ask for."""

    help = "Shows what would change in dynamic tables, changes it, and tells what was done."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare one sub-command for each question."""
        commands = parser.add_subparsers(dest="command", required=True)
        for name, text in TITLES.items():
            command = commands.add_parser(name, help=text, description=text)
            command.add_argument("key", nargs="*", help="Only these tables, as survey:3.")
            add_database(command, definitions_database())
            command.add_argument("--json", action="store_true", help="Print JSON.")
            if name == "plan":
                command.add_argument(
                    "--check", action="store_true", help="Exit with 1 when anything would change."
                )
            if name == "history":
                command.add_argument(
                    "--limit", type=count, default=20, help="At most so many changes."
                )

    def handle(self, **options: Any) -> None:
        """Run the sub-command; what is refused is told without a traceback."""
        answers: dict[str, Callable[..., None]] = {
            "plan": self.plan,
            "sync": self.sync,
            "status": self.status,
            "history": self.history,
        }
        try:
            with history.tables_expected(options["database"]):
                answers[options["command"]](**options)
        except DynschemaError as error:
            raise CommandError(str(error), returncode=1) from error

    def plan(self, *, database: str, key: list[str], check: bool, **options: Any) -> None:
        """Print what a sync would do."""
        _require_known(key, known_keys(database))
        results = plan_all(database, key)
        waiting = [each for each in results.plans if each or each.unsure]
        self.show(options, _as_json(results, waiting), waiting or ["Nothing to do."])
        self.refuse(results)
        if check and any(waiting):
            raise CommandError("Something would change.", returncode=1)

    def sync(self, *, database: str, key: list[str], **options: Any) -> None:
        """Carry out what definitions ask for."""
        _require_known(key, known_keys(database))
        results = sync_all(database, key, actor=caller_of("dynschema sync"))
        self.show(options, _as_json(results, results.plans), results.plans or ["Nothing to do."])
        self.refuse(results)

    def status(self, *, database: str, key: list[str], **options: Any) -> None:
        """Print how every table stands."""
        freshness.current(database)  # What cannot be built is known once all classes are loaded.
        tables = [each for each in read_status(database) if not key or each.key in key]
        _require_known(key, {each.key for each in tables})
        epoch = history.read_epoch(database).number
        count = "1 table" if len(tables) == 1 else f"{len(tables)} tables"
        lines = [f"Epoch {epoch}, {count}.", *map(_status_text, tables)]
        self.show(options, {"epoch": epoch, "tables": list(map(asdict, tables))}, lines)

    def history(self, *, database: str, key: list[str], limit: int, **options: Any) -> None:
        """Print what was done, the latest first."""
        changes = Change.objects.using(database).select_related("table")
        if key:
            _require_known(key, history.read_placed(database))
            changes = changes.filter(table__key__in=key)
        shown = list(changes[:limit])
        lines = [_change_text(each) for each in shown] or ["Nothing was done yet."]
        self.show(options, list(map(_change_json, shown)), lines)

    def show(self, options: dict[str, Any], data: Any, lines: Iterable[object]) -> None:
        """Print for people or for programs."""
        text = json.dumps(data, indent=2) if options["json"] else "\n\n".join(map(str, lines))
        self.stdout.write(text)

    def refuse(self, results: Results) -> None:
        """Fail when a definition cannot have its table, and say why."""
        if results.errors:
            lines = [f"{key}: {error}" for key, error in results.errors.items()]
            raise CommandError("\n".join(lines), returncode=1)


TITLES = {
    "plan": "Show what a sync would do; change nothing.",
    "sync": "Bring the tables to what definitions ask for.",
    "status": "Show every table, and what somebody changed by hand.",
    "history": "Show what was done: who, when, why, which SQL.",
}


def _require_known(keys: list[str], known: Container[str]) -> None:
    for key in keys:
        if key not in known:
            raise CommandError(
                f'There is no table with the key "{key}". '
                "`manage.py dynschema status` lists all keys."
            )


def _as_json(results: Results, plans: list[Plan]) -> dict[str, Any]:
    return {
        "plans": [each.as_json() for each in plans],
        "errors": {key: str(error) for key, error in results.errors.items()},
    }


def _status_text(status: TableStatus) -> str:
    lines = [f'{status.key}  "{status.name}"  {"live" if status.live else "retired"}']
    lines += [f"  retired column: {each}" for each in status.retired_columns]
    lines += [f"  drift: {each}" for each in status.drift]
    lines += [f"  not made by dynschema, kept: {each}" for each in status.extra]
    lines += [f"  broken: {status.broken}"] if status.broken else []
    return "\n".join(lines)


def _change_text(change: Change) -> str:
    when = localtime(change.made_at).isoformat(sep=" ", timespec="seconds")
    who = change.actor or "somebody"
    head = (
        f"Epoch {change.epoch}  {when}  {who}, for {change.definition}  {change.duration_ms:.1f} ms"
    )
    steps = [f"  {operation_from_json(each).describe()}" for each in change.operations]
    return "\n".join([head, *steps, *(f"    {line}" for line in change.sql.splitlines())])


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "epoch": change.epoch,
        "table": change.table.name,
        "key": change.table.key,
        "made_at": change.made_at.isoformat(),
        "actor": change.actor,
        "definition": change.definition,
        "operations": change.operations,
        "hazards": change.hazards,
        "reverse": change.reverse,
        "sql": change.sql,
        "duration_ms": change.duration_ms,
    }
