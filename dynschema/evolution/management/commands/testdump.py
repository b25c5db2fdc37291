"""`manage.py testdump`: restores stored dumps, each into a scratch database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dynschema.evolution.dumps.exceptions import NoDumpError
from dynschema.evolution.dumps.executing import restore_dump
from dynschema.evolution.dumps.manifest import SCRIPT
from dynschema.evolution.dumps.scratch import scratch_database
from dynschema.exceptions import DynschemaError
from dynschema.management.options import add_database, mix_options

FOLDER = Path("tests/dumps")


class Command(BaseCommand):
    """Tests that dumps of older versions can still be restored."""

    help = "Restores each dump of a folder into a scratch database; exits with 1 after a failure."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare where the dumps are."""
        mix_options(parser)
        parser.add_argument(
            "folders",
            nargs="*",
            type=Path,
            default=[FOLDER],
            help=f"A dump, or a folder of dumps; by default {FOLDER}.",
        )
        add_database(parser)
        parser.add_argument("--quick", action="store_true", help="Do not validate rows.")

    def handle(self, *, folders: list[Path], database: str, quick: bool, **options: Any) -> None:
        """Restore each."""
        given = ["--noinput", f"--database={database}", *["--quick"][:quick]]
        failures = []
        for dump in [each for folder in folders for each in _dumps_in(folder)]:
            try:
                with scratch_database(database):
                    restore_dump(dump, *given)
                self.stdout.write(f"{dump}: restored")
            except DynschemaError as error:
                self.stdout.write(f"{dump}: failed")
                failures.append(f"{dump}: {error}")
        if failures:
            raise CommandError("\n".join(failures), returncode=1)


def _dumps_in(folder: Path) -> list[Path]:
    """Return a dump, or those that are in a folder.

    Raises:
        CommandError: there is none.
    """
    if (folder / SCRIPT).exists():
        return [folder]
    found = sorted(each.parent for each in folder.glob(f"*/{SCRIPT}"))
    if not found:
        raise CommandError(str(NoDumpError(folder=folder)), returncode=1)
    return found
