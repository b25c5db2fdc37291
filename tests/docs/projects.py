"""Follows a page in a folder, as a reader would: types commands, writes files, uses the shell."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from tests.docs.pages import Block, blocks, read_page
from tests.settings import ROOT

SESSION = ROOT / "tests" / "docs" / "session.py"
START = [
    "python -m django startproject mysite .",
    "python manage.py startapp surveys",
]
"""What README takes for granted."""


class Project:
    """A folder in which a reader works."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mysite.settings",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            # The package is installed already, or lies there as source.
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8",
            **environment,
        }

    def follow(self, page: str) -> None:
        """Do all that a page says, in its order."""
        steps = groupby(blocks(read_page(page)), key=lambda each: each.is_session)
        for is_session, several in steps:
            if is_session:
                self.use_shell(page, [each for each in several if not each.unrun])
            else:
                for block in several:
                    self.carry_out(page, block)

    def carry_out(self, page: str, block: Block) -> None:
        """Write a file, or type the commands of a console."""
        if block.unrun:
            return
        if block.title:
            self.write(block)
        elif block.language == "console":
            for command, expected in commands(block.text):
                self.type(command, expected, f"{page}, line {block.line}")

    def write(self, block: Block) -> None:
        """Write the file that a block shows, or what it adds to one."""
        path = self.folder / block.title
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") + "\n" if block.appended else ""
        path.write_text(before + block.text, encoding="utf-8")

    def type(self, command: str, expected: str, where: str) -> None:
        """Run a command; what is printed is compared if the page shows it."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"{where}: $ {command}\n{done.stdout}"
        if expected:
            same = doctest.OutputChecker().check_output(expected, done.stdout, doctest.ELLIPSIS)
            assert same, f"{where}: $ {command}\nexpected:\n{expected}\nprinted:\n{done.stdout}"

    def use_shell(self, page: str, examples: list[Block]) -> None:
        """Run what is typed into one shell; the file keeps the line numbers of the page."""
        lines: list[str] = []
        for each in examples:
            lines += [""] * (each.line - 1 - len(lines)) + each.text.splitlines()
        file = self.folder / f"{Path(page).stem}.examples"
        file.write_text("\n".join([*lines, ""]), encoding="utf-8")
        self.type(f'python -P -W error "{SESSION}" "{file}"', "", page)


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Give each command of a console with what it prints, if that is shown."""
    for each in text.removeprefix("$ ").split("\n$ "):
        command, _, expected = each.partition("\n")
        yield command, expected and expected.rstrip("\n") + "\n"


def start(folder: Path, environment: Mapping[str, str] | None = None) -> Project:
    """Give a new project with an app."""
    project = Project(folder, **(environment or {}))
    for command in START:
        project.type(command, "", "start")
    return project
