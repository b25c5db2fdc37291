"""`manage.py heartbeat`: makes runs of the schedules that are due, and sees to all other runs."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dynschema.evolution.clock import SYSTEM_CLOCK
from dynschema.evolution.display import Display
from dynschema.evolution.models import Run
from dynschema.evolution.schedules.exceptions import NoTaskTableError
from dynschema.evolution.schedules.heartbeat import beats, interrupted_by_signals
from dynschema.evolution.schedules.ticks import tick


class Command(BaseCommand):
    """Ticks until Ctrl-C, or once."""

    help = "Makes runs of the schedules that are due, and takes over the runs of lost workers."
    clock = SYSTEM_CLOCK

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the one option."""
        parser.add_argument("--once", action="store_true", help="Tick once, for system cron.")

    def handle(self, *, once: bool, **options: Any) -> None:
        """Tick."""
        if once:
            self._tick_once()
            return
        try:
            with interrupted_by_signals():
                self._show(beats(self.clock))
        except KeyboardInterrupt:
            self.stdout.write("Received keyboard interrupt, exiting...")

    def _tick_once(self) -> None:
        try:
            self._show([tick(self.clock.now())])
        except NoTaskTableError as error:
            raise CommandError(str(error), returncode=1) from error

    def _show(self, ticks: Iterable[list[Run]]) -> None:
        display = Display(self.stdout)
        for run in chain.from_iterable(ticks):
            display.close(run)
