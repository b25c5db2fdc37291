"""`manage.py run`: executes a Python script, such as the restore.py of a dump."""

from __future__ import annotations

import sys
from argparse import REMAINDER, ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dynschema.evolution.display import shown_progress
from dynschema.evolution.dumps.executing import execfile_in
from dynschema.exceptions import DynschemaError


class Command(BaseCommand):
    """Executes a script."""

    help = "Executes a Python script as __main__; execfile() in it executes others."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the script, and what is the script's own."""
        parser.add_argument("script", type=Path, help="The file.")
        parser.add_argument("arguments", nargs=REMAINDER, help="In sys.argv of the script.")

    def handle(self, *, script: Path, arguments: list[str], **options: Any) -> None:
        """Execute it."""
        if not script.is_file():
            raise CommandError(f"There is no file {script}.")
        names: dict[str, Any] = {"__name__": "__main__"}
        names["execfile"] = execfile = execfile_in(names)
        former, sys.argv = sys.argv, [str(script), *arguments]
        try:
            with shown_progress(self.stderr):
                execfile(script.absolute())
        except DynschemaError as error:
            raise CommandError(str(error)) from error
        finally:
            sys.argv = former
