"""Dumps and restores in the folder of a test, and tells what happened."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dynschema.evolution.dumps.manifest import NAME


class Command:
    """Calls management commands and keeps what the latest one printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def dump(self, name: str = "dump", *options: str) -> Path:
        """Write a dump and give its folder."""
        folder = self.folder / name
        self.call("dump2py", str(folder), *options)
        return folder

    def restore(self, folder: Path, *options: str) -> None:
        self.call("run", str(folder / "restore.py"), "--noinput", *options)

    def call(self, *arguments: str) -> None:
        out, err = StringIO(), StringIO()
        try:
            call_command(*arguments, stdout=out, stderr=err)
        finally:
            self.printed, self.errors = out.getvalue(), err.getvalue()

    def failure(self, *arguments: str) -> str:
        """Call a command that must fail, and give its message."""
        with pytest.raises(CommandError) as caught:
            self.call(*arguments)
        return str(caught.value)

    def refusal(self, folder: Path, *options: str) -> str:
        """Try a restore that must fail, and give its message."""
        return self.failure("run", str(folder / "restore.py"), "--noinput", *options)


@pytest.fixture
def command(transactional_db: None, tmp_path: Path) -> Command:
    return Command(tmp_path)


def texts(folder: Path) -> dict[str, str]:
    """Give the texts of all files of a dump."""
    return {each.name: each.read_text(encoding="utf-8") for each in sorted(folder.iterdir())}


def edit(file: Path, old: str, new: str) -> None:
    """Replace what stands once in a file."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, text
    file.write_text(text.replace(old, new), encoding="utf-8")


def data_of(folder: Path) -> dict[str, str]:
    """Give the texts of the data files that hold rows."""
    return {
        name: text
        for name, text in texts(folder).items()
        if name not in ("restore.py", NAME) and "loader.save(" in text
    }
