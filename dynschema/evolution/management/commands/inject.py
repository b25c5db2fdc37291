"""`manage.py inject`: plans, makes and lists the columns of injected fields."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dynschema.callers import caller_of
from dynschema.evolution.inject.injections import Injection, injections
from dynschema.evolution.inject.syncing import plan_injected, retired_columns, sync_injected
from dynschema.exceptions import DynschemaError
from dynschema.management.options import add_database

TITLES = {
    "plan": "Show what `sync` would do; change nothing.",
    "sync": "Give tables the columns of injected fields, as `migrate` does.",
    "list": "Show every injected field with its place in the code, and what is retired.",
}


class Command(BaseCommand):
    """Brings tables to what injected fields ask for."""

    help = "Shows and makes the columns of fields that were injected into the models of other apps."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare one sub-command for each question."""
        commands = parser.add_subparsers(dest="command", required=True)
        for name, text in TITLES.items():
            command = commands.add_parser(name, help=text, description=text)
            add_database(command)
            command.add_argument("--json", action="store_true", help="Print JSON.")
            if name == "plan":
                command.add_argument(
                    "--check", action="store_true", help="Exit with 1 when anything would change."
                )

    def handle(self, *, command: str, database: str, **options: Any) -> None:
        """Run the sub-command."""
        answers: dict[str, Callable[..., None]] = {
            "plan": self.plan,
            "sync": self.sync,
            "list": self.list,
        }
        try:
            answers[command](database, **options)
        except DynschemaError as error:
            raise CommandError(str(error)) from error

    def plan(self, database: str, *, check: bool, **options: Any) -> None:
        """Print what a sync would do."""
        plans = plan_injected(database)
        self.show(options, [each.as_json() for each in plans], plans or ["Nothing to do."])
        if check and any(plans):
            raise CommandError("Something would change.", returncode=1)

    def sync(self, database: str, **options: Any) -> None:
        """Make the columns, and print what was done."""
        plans = sync_injected(database, actor=caller_of("inject sync"))
        self.show(options, [each.as_json() for each in plans], plans or ["Nothing to do."])

    def list(self, database: str, **options: Any) -> None:
        """Print what was injected by this site, and what this database keeps besides."""
        found = [_as_json(each) for each in injections.values()]
        retired = [
            {"table": table, "column": column} for table, column in retired_columns(database)
        ]
        lines = ["{model}.{name}  {place}".format(**each) for each in found]
        lines += ["retired: {table}.{column}".format(**each) for each in retired]
        self.show(options, {"fields": found, "retired": retired}, lines or ["Nothing is injected."])

    def show(self, options: dict[str, Any], data: Any, lines: Iterable[object]) -> None:
        """Print for people or for programs."""
        separator = "\n\n" if not isinstance(data, dict) else "\n"
        text = json.dumps(data, indent=2) if options["json"] else separator.join(map(str, lines))
        self.stdout.write(text)


def _as_json(injection: Injection) -> dict[str, str | None]:
    return {
        "model": injection.model._meta.label,
        "name": injection.name,
        "column": injection.field.column,
        "key": injection.key,
        "place": str(injection.place),
    }
