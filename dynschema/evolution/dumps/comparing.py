"""Dumps, restores elsewhere, dumps again, and compares the two dumps byte for byte."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

from dynschema.evolution.dumps.dumping import Options, dump
from dynschema.evolution.dumps.exceptions import DifferentDumpError
from dynschema.evolution.dumps.executing import restore_dump
from dynschema.evolution.dumps.manifest import NAME
from dynschema.evolution.dumps.scratch import scratch_database

SHOWN = 200
"""Characters of a line that differs, on both sides of where it does."""


def dump_twice(first: Path, second: Path, options: Options, like: str | None = None) -> None:
    """Prove that a dump holds everything: what is restored from it gives the same dump.

    Args:
        first: the folder of the dump of the database.
        second: the folder of the dump of what was restored.
        options: of both dumps.
        like: the alias whose settings the database in between has, by default the same.

    Raises:
        DifferentDumpError: the dumps differ.
    """
    dump(first, options)
    with scratch_database(options.using, like):
        restore_dump(first, "--noinput", "--quick", f"--database={options.using}")
        dump(second, options)
    compare(first, second)


def compare(first: Path, second: Path) -> None:
    """Compare two dumps.

    Raises:
        DifferentDumpError: they differ; it names the first difference.
    """
    names = {each.name for folder in (first, second) for each in folder.iterdir()}
    # The manifest differs wherever another file does.
    for name in sorted(names, key=lambda each: (each == NAME, each)):
        reason = _difference(first / name, second / name)
        if reason:
            raise DifferentDumpError(first=first, second=second, reason=reason)


def _difference(one: Path, other: Path) -> str:
    for each in (one, other):
        if not each.exists():
            return f"{each} is missing"
    with one.open(encoding="utf-8") as ours, other.open(encoding="utf-8") as theirs:
        for number, (line, again) in enumerate(zip_longest(ours, theirs, fillvalue=""), 1):
            if line != again:
                first, second = _shown(line, again)
                return f"line {number} of {one.name} is {first!r} and then {second!r}"
    return ""


def _shown(one: str, other: str) -> list[str]:
    """Cut two lines to where they differ."""
    same = next(n for n, (a, b) in enumerate(zip_longest(one, other)) if a != b)
    begin = max(same - SHOWN // 2, 0)
    return [each[begin : begin + SHOWN].rstrip() for each in (one, other)]
