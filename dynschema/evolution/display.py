"""Shows how runs come along while a command executes them: a bar on a terminal, else lines."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from django.core.management.base import OutputWrapper

from dynschema.evolution.clock import SYSTEM_CLOCK, Clock
from dynschema.evolution.models import Run
from dynschema.evolution.progress import progress_of
from dynschema.evolution.signals import run_progressed

BAR_CELLS = 24
SECONDS_BETWEEN_BARS = 0.1
SECONDS_BETWEEN_LINES = 10.0
"""Logs keep every line."""
ERASE_LINE = "\r\x1b[2K"

Stream = TextIO | OutputWrapper
"""The second is the `stdout` of a command."""


class Display:
    """Writes about one run after another."""

    def __init__(self, stream: Stream, clock: Clock = SYSTEM_CLOCK) -> None:
        self._stream = stream
        self._clock = clock
        self._is_terminal = stream.isatty()
        self._written_at: float | None = None

    def show(self, run: Run) -> None:
        """Write how far a run has come, unless that was just done."""
        pause = SECONDS_BETWEEN_BARS if self._is_terminal else SECONDS_BETWEEN_LINES
        now = self._clock.seconds()
        if self._written_at is None or now - self._written_at >= pause:
            self._written_at = now
            bar = f"{ERASE_LINE}{_bar(run, _columns())}"
            self._write(bar if self._is_terminal else f"{_line(run)}\n")

    def close(self, run: Run) -> None:
        """Write how a run stands in the end."""
        self._written_at = None
        self._write(f"{ERASE_LINE if self._is_terminal else ''}{_line(run)}\n")

    def _write(self, text: str) -> None:
        # A command's own stream ends every text with a new line, unless it is told not to.
        if isinstance(self._stream, OutputWrapper):
            self._stream.write(text, ending="")
        else:
            self._stream.write(text)
        self._stream.flush()


@contextmanager
def shown_progress(stream: Stream, clock: Clock = SYSTEM_CLOCK) -> Iterator[Display]:
    """Show the runs that this process executes within the block."""
    display = Display(stream, clock)

    def receive(*, run: Run, **_: Any) -> None:
        display.show(run)

    run_progressed.connect(receive, weak=False)
    try:
        yield display
    finally:
        run_progressed.disconnect(receive)


def _line(run: Run) -> str:
    return f"{run.name}: {run.status}, {progress_of(run)}"


def _columns() -> int:
    """A full line would wrap, and a line that has wrapped is not erased as a whole."""
    return shutil.get_terminal_size().columns - 1


def _bar(run: Run, columns: int) -> str:
    progress = progress_of(run)
    if progress.percent is None:
        return _line(run)[:columns]
    around = len(f"{run.name} [] {progress}")
    cells = max(0, min(BAR_CELLS, columns - around))
    filled = progress.percent * cells // 100
    return f"{run.name} [{'#' * filled}{'-' * (cells - filled)}] {progress}"[:columns]
