"""Prints the demo: numbered headings, sentences, SQL and tables, in plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, TextIO

WIDTH = 96
NOTHING = "-"


class Terminal:
    """Writes to a stream; knows nothing about surveys."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.chapter = 0

    def title(self, text: str) -> None:
        self.write("", text, "=" * len(text))

    def heading(self, text: str) -> None:
        self.chapter += 1
        self.write("", f"{self.chapter}. {text}")

    def say(self, text: str) -> None:
        self.write(*textwrap.wrap(text, WIDTH, initial_indent="   ", subsequent_indent="   "))

    def sql(self, text: str) -> None:
        """Print statements, one after the other, the long ones over several lines."""
        for statement in text.splitlines():
            self.write(*textwrap.wrap(statement, WIDTH, **SQL_INDENTATION))

    def table(self, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Print columns that are as wide as their widest value."""
        lines = [list(header), *([as_text(value) for value in row] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        lines.insert(1, ["-" * width for width in widths])
        padded = [map(str.ljust, line, widths) for line in lines]
        self.write("", *(f"   {'  '.join(cells).rstrip()}" for cells in padded))

    def write(self, *lines: str) -> None:
        self.stream.writelines(f"{line}\n" for line in lines)


SQL_INDENTATION = {
    "initial_indent": "   sql> ",
    "subsequent_indent": "        ",
    "break_long_words": False,
    "break_on_hyphens": False,
}


def as_text(value: Any) -> str:
    return NOTHING if value is None else str(value)
