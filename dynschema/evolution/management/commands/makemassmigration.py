"""`manage.py makemassmigration`: makes the file of a mass migration, to be filled in."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from django.apps import AppConfig, apps
from django.core.management.base import BaseCommand, CommandError

from dynschema.evolution import massmigrations
from dynschema.evolution.massmigrations.loader import FOLDER, names_in

NAME = re.compile(r"[a-z0-9_]+")
TEMPLATES = {
    "simple": "one call, in one transaction",
    "mapper": "the rows of a queryset, in batches",
    "custom": "steps of its own",
}


class Command(BaseCommand):
    """Makes the file of a mass migration."""

    help = "Makes the file of a mass migration, to be filled in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare app, name and template."""
        explained = "; ".join(f"{name}: {text}" for name, text in TEMPLATES.items())
        parser.add_argument("app_label", help="Label of the app that it belongs to.")
        parser.add_argument(
            "migration_name", help="What it does, in small letters, digits and underscores."
        )
        parser.add_argument("--template", default="mapper", choices=TEMPLATES, help=explained)

    def handle(self, *, app_label: str, migration_name: str, template: str, **options: Any) -> None:
        """Write it, with the next number, after the latest of the same app."""
        if not NAME.fullmatch(migration_name):
            raise CommandError(
                f'"{migration_name}" cannot be the name of a mass migration. '
                "Use small letters, digits and underscores only."
            )
        app = _app(app_label)
        present = names_in(app)
        path = _folder(app) / f"{_next_number(present):04d}_{migration_name}.py"
        path.write_text(_filled_in(template, app_label, present[-1:]), encoding="utf-8")
        self.stdout.write(f"Created new migration: {path}")


def _app(label: str) -> AppConfig:
    try:
        return apps.get_app_config(label)
    except LookupError as error:
        raise CommandError(f"{error} Name an app of INSTALLED_APPS by its label.") from error


def _folder(app: AppConfig) -> Path:
    folder = Path(app.path, FOLDER)
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").touch()
    return folder


def _next_number(present: list[str]) -> int:
    return int(present[-1].partition("_")[0]) + 1 if present else 1


def _filled_in(template: str, app_label: str, before: list[str]) -> str:
    skeleton = files(massmigrations).joinpath("skeletons", f"{template}.py-tpl")
    dependencies = "".join(f'("{app_label}", "{name}")' for name in before)
    return Template(skeleton.read_text(encoding="utf-8")).substitute(dependencies=dependencies)
