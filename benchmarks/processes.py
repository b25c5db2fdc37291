"""Starting a process that has many models, dynamic or hand-written."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from django.db import connection

from benchmarks.app.kinds import TEN_QUESTIONS
from benchmarks.measuring import Contender, Measured, measure
from benchmarks.population import grow_to
from benchmarks.results import Line, compared, duration
from benchmarks.settings import APPS, EAGER, FOLDER
from tests import variables

RATIO_BUDGET = 1.4
LAZY_BUDGET_SECONDS = 0.050
SETUP = "import django; django.setup()"
ASK = "from benchmarks.app.models import Responses; Responses.models()"
END = "import os; os._exit(0)"
"""Taking everything apart again is no part of a start."""
EMPTY, STATIC, LAZY, ASKED, EAGERLY = "empty", "static", "lazy", "asked", "eager"

STATIC_APP = "hand_written"
COLUMNS = {
    "text": "models.CharField(max_length=200, null=True)",
    "longtext": "models.TextField(null=True)",
    "integer": "models.IntegerField(null=True)",
    "date": "models.DateField(null=True)",
    "boolean": "models.BooleanField(null=True)",
}


def measure_processes(repetitions: int, number: int) -> Iterator[Line]:
    """Measure whole processes, from the interpreter to the end of `django.setup()`."""
    grow_to(number)
    write_static_app(FOLDER, number)
    contenders = [
        _process(EMPTY, SETUP, {APPS: ""}),
        _process(STATIC, SETUP, {APPS: STATIC_APP}),
        _process(LAZY, SETUP, {}),
        _process(ASKED, f"{SETUP}; {ASK}", {}),
        _process(EAGERLY, SETUP, {EAGER: "1"}),
    ]
    measured = measure(contenders, repetitions, warm_up=1)
    yield from _lines(measured, f"{number:,} models")


def _lines(measured: Measured, models: str) -> Iterator[Line]:
    times = {name: each for (name, _), each in measured.items()}
    yield compared(f"start, eager, {models}", (STATIC, times[STATIC]), times[EAGERLY], RATIO_BUDGET)
    lazy = compared(f"start, lazy, {models}", (EMPTY, times[EMPTY]), times[LAZY])
    more = lazy.seconds - lazy.floor_seconds
    budget = f"{duration(LAZY_BUDGET_SECONDS)} more: {duration(more)}"
    yield replace(lazy, budget=budget, kept=more <= LAZY_BUDGET_SECONDS)
    yield compared(f"lazy, then all {models}", (STATIC, times[STATIC]), times[ASKED])


def _process(name: str, code: str, more: dict[str, str]) -> Contender:
    """Run a process of its own on the same database."""
    command = [sys.executable, "-c", f"{code}; {END}"]
    steps = {"start": lambda: subprocess.run(command, env=environment() | more, check=True)}
    return Contender(name, steps)


def environment() -> dict[str, str]:
    """Give the environment with which another process works on the same database."""
    return {
        **os.environ,
        # All modules are compiled once, in the warm-up, as they are when they are installed.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(FOLDER / "compiled"),
        "PYTHONPATH": os.pathsep.join([str(FOLDER), *filter(None, sys.path)]),
        variables.NAME: str(connection.settings_dict["NAME"]),
    }


def write_static_app(folder: Path, number: int) -> None:
    """Write an app of so many hand-written models, each with the fields of ten questions."""
    app = folder / STATIC_APP
    app.mkdir(exist_ok=True)
    (app / "__init__.py").touch()
    fields = "".join(f"    {slug} = {COLUMNS[kind]}\n" for slug, kind in TEN_QUESTIONS.items())
    classes = (f"\n\nclass Written{n}(models.Model):\n{fields}" for n in range(number))
    (app / "models.py").write_text(f"from django.db import models\n{''.join(classes)}")
