"""`manage.py ddt`: dumps, restores into a scratch database, dumps again, and compares."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from dynschema.evolution.display import shown_progress
from dynschema.evolution.dumps.comparing import dump_twice
from dynschema.evolution.dumps.dumping import Options
from dynschema.exceptions import DynschemaError
from dynschema.management.options import add_database


class Command(BaseCommand):
    """Proves that a dump holds everything."""

    help = "Dumps to A, restores that into a scratch database, dumps that to B and compares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare both folders and the databases."""
        parser.add_argument("first", type=Path, metavar="A", help="The folder of the first dump.")
        parser.add_argument("second", type=Path, metavar="B", help="That of the second.")
        parser.add_argument("-o", "--overwrite", action="store_true", help="Replace both.")
        add_database(parser)
        parser.add_argument(
            "--through",
            metavar="ALIAS",
            choices=tuple(connections),
            help="Make the scratch database beside this one.",
        )

    def handle(self, *, first: Path, second: Path, **options: Any) -> None:
        """Carry it out."""
        chosen = Options(using=options["database"], overwrite=options["overwrite"])
        try:
            with shown_progress(self.stderr):
                dump_twice(first, second, chosen, options["through"])
        except DynschemaError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The dumps in {first} and {second} are the same.")
