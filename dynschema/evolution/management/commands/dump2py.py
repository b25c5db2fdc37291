"""`manage.py dump2py`: writes the rows of a database into a folder of Python files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dynschema.evolution.display import shown_progress
from dynschema.evolution.dumps.dumping import ROWS_PER_FILE, Options, dump
from dynschema.exceptions import DynschemaError
from dynschema.management.options import add_database, count, mix_options


class Command(BaseCommand):
    """Writes a dump."""

    help = "Writes a Python dump: a program that restores the rows, also into a newer schema."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare where, what and how."""
        mix_options(parser)
        parser.add_argument("folder", type=Path, help="Of the dump; it must not be there.")
        parser.add_argument("models", nargs="*", help="Only these, as app.Model or app.")
        add_database(parser)
        parser.add_argument(
            "-o", "--overwrite", action="store_true", help="Replace a dump that is there."
        )
        parser.add_argument(
            "-t", "--tolerate", action="store_true", help="Go on after a table with an error."
        )
        parser.add_argument(
            "-m", "--max-row-count", type=count, default=ROWS_PER_FILE, help="Rows per file."
        )

    def handle(self, **options: Any) -> None:
        """Write it."""
        chosen = Options(
            using=options["database"],
            labels=options["models"],
            overwrite=options["overwrite"],
            tolerate=options["tolerate"],
            rows_per_file=options["max_row_count"],
        )
        try:
            with shown_progress(self.stderr):
                run = dump(options["folder"], chosen)
        except (DynschemaError, LookupError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{run.done_count:,} rows are in {options['folder']}.")
