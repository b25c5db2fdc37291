"""`manage.py adopt_records`: takes over what Sisy, massmigration and post-deploy have recorded."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from dynschema.evolution.adoption.adopting import REFUSED, STORED, THERE, Adoption, adopt
from dynschema.evolution.exceptions import EvolutionError


class Command(BaseCommand):
    """Adds records of ours; those of the others stay as they are."""

    help = (
        "Takes over the records of an existing Sisy, django-mass-migration or django-post-deploy "
        "installation, so that nothing runs twice. It may be repeated."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--database", choices=tuple(connections), help="Alias; all databases when left out."
        )
        parser.add_argument("--dry-run", action="store_true", help="Show it, and store nothing.")

    def handle(self, *, database: str | None, dry_run: bool, **options: Any) -> None:
        """Take over what there is in each database."""
        found: list[Adoption] = []
        for using in [database] if database else connections:
            try:
                adoptions = adopt(using, timezone.now(), dry_run=dry_run)
            except EvolutionError as error:
                raise CommandError(str(error)) from error
            for each in adoptions:
                self.stdout.write(f"{using}: {each}")
            found += adoptions
        self._sum_up(Counter(each.outcome for each in found), dry_run)

    def _sum_up(self, counts: Counter[str], dry_run: bool) -> None:
        words = ", ".join(f"{counts[each]} {each}" for each in (STORED, THERE, REFUSED))
        self.stdout.write(f"{words}.")
        if dry_run:
            self.stdout.write("This was a dry run: nothing was stored.")
        elif counts[STORED]:
            self.stdout.write("Stop the heartbeat of Sisy; remove the packages from your settings.")
        if counts[REFUSED]:
            raise CommandError("Some records were not taken over, see above.", returncode=1)
