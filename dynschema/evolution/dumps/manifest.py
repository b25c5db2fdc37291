"""Lists the files of a dump with their rows and checksums, and refuses a dump that differs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from dynschema.evolution.dumps.exceptions import (
    ChangedDumpError,
    IncompleteDumpError,
    NoDumpError,
)

NAME = "manifest.json"
SCRIPT = "restore.py"
FORMAT = 1
"""Of the files, should it ever change."""
NOT_READ = "Dump again, or follow what main() in restore.py says about it."


@dataclass
class DataFile:
    """One file with rows."""

    name: str
    table: str
    """The variable of its model in restore.py."""
    rows: int
    sha256: str
    model: str = ""
    """Its label when the dump was made; restore.py may call it otherwise since."""


@dataclass
class Manifest:
    """What belongs to a dump; written last, so that a dump without one is not whole."""

    version: str
    """Of the site."""
    files: list[DataFile] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Tables that could not be read."""
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """The rows of all files."""
        return sum(each.rows for each in self.files)

    @property
    def labels(self) -> set[str]:
        """The labels of the models when the dump was made; a dump of old has none."""
        return {each.model for each in self.files if each.model}

    def write(self, folder: Path) -> None:
        """Write it into its folder."""
        text = json.dumps(asdict(self), indent=2)
        (folder / NAME).write_text(f"{text}\n", encoding="utf-8", newline="\n")


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a dump.

    Raises:
        IncompleteDumpError: there is none, or it cannot be read.
        NoDumpError: there is no dump at all.
    """
    if not (folder / SCRIPT).exists():
        raise NoDumpError(folder=folder)
    if not (folder / NAME).exists():
        raise _incomplete(folder, f"it has no {NAME}, so it was interrupted")
    try:
        data = json.loads((folder / NAME).read_text(encoding="utf-8"))
        manifest = Manifest(**{**data, "files": [DataFile(**each) for each in data["files"]]})
    except (KeyError, TypeError, ValueError) as error:
        raise _incomplete(folder, f"its {NAME} cannot be read ({error!r})") from error
    return manifest


def verify(manifest: Manifest, folder: Path, *, edited: bool) -> None:
    """Compare the files with what the manifest says; restore.py may be edited at any time.

    Args:
        manifest: of the dump.
        folder: where the files are.
        edited: the files may differ, but must be there; restore.py may leave out what could not
            be read.

    Raises:
        ChangedDumpError: a file is not as it was written.
        IncompleteDumpError: a file is missing, or tables could not be read.
    """
    if manifest.missing and not edited:
        reason = f"{', '.join(manifest.missing)} could not be read"
        raise IncompleteDumpError(folder=folder, reason=reason, remedy=NOT_READ)
    for each in manifest.files:
        path = folder / each.name
        if not path.exists():
            raise _incomplete(folder, f"{each.name} is missing")
        if not edited and checksum(path) != each.sha256:
            raise ChangedDumpError(folder=folder, file=each.name)


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 16):
            digest.update(block)
    return digest.hexdigest()


def _incomplete(folder: Path, reason: str) -> IncompleteDumpError:
    return IncompleteDumpError(folder=folder, reason=reason, remedy="Dump again.")
