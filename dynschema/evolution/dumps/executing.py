"""Executes Python files as `execfile` of old did: within globals that are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from dynschema.evolution.dumps.manifest import SCRIPT

ROW = "loader.save("
"""How the line of a row begins."""

LINES_AT_A_TIME = 200
"""Compiling a whole file would take a hundred times the memory of its text."""

CHARACTERS_AT_A_TIME = 1_000_000
"""However few lines these are."""

Execute = Callable[[str | Path], None]


def execfile_in(names: dict[str, Any]) -> Execute:
    """Return a function that executes files within these globals."""

    def execfile(path: str | Path) -> None:
        """Execute a Python file here; `__file__` is its path meanwhile."""
        former = names.get("__file__")
        names["__file__"] = str(path)
        try:
            execute(Path(path), names)
        finally:
            names["__file__"] = former

    return execfile


def execute(path: Path, names: dict[str, Any]) -> None:
    """Execute a file, piece by piece where it has many rows."""
    for first_line, text in _pieces(path):
        # Errors are to name the line of the file.
        exec(compile("\n" * first_line + text, str(path), "exec"), names)


def line_of(error: BaseException, path: Path) -> int:
    """Return the line of a file at which an error came; 0 where that is not known."""
    if isinstance(error, SyntaxError):
        return error.lineno or 0
    line, step = 0, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == str(path):
            line = step.tb_lineno
        step = step.tb_next
    return line


def _pieces(path: Path) -> Iterator[tuple[int, str]]:
    """Yield pieces with the number of lines before each; they are cut before lines of rows."""
    begin = size = 0
    lines: list[str] = []
    with path.open(encoding="utf-8-sig") as file:  # Some editors put a mark at the beginning.
        for number, line in zip(count(), file):
            is_enough = number - begin >= LINES_AT_A_TIME or size >= CHARACTERS_AT_A_TIME
            if is_enough and line.startswith(ROW) and _is_whole(lines):
                yield begin, "".join(lines)
                begin, size, lines = number, 0, []
            lines.append(line)
            size += len(line)
    yield begin, "".join(lines)


def _is_whole(lines: list[str]) -> bool:
    """False within a text of several lines, or something else that a person has written."""
    return all(each.startswith((ROW, "#")) for each in lines) or _compiles("".join(lines))


def _compiles(text: str) -> bool:
    try:
        compile(text, "", "exec")
    except SyntaxError:
        return False
    return True


def restore_dump(folder: Path, *options: str) -> None:
    """Execute the restore.py of a folder as if it were called with these options."""
    names: dict[str, Any] = {"__name__": "restore"}
    execfile_in(names)(folder.absolute() / SCRIPT)
    names["main"](names["script"].arguments(list(options)))
