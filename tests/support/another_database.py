"""A second database beside the one of the tests, for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections


@contextmanager
def another_database(folder: Path) -> Iterator[str]:
    """Give the alias of an empty database of SQLite, whose file is in this folder."""
    settings = {**connections.databases["default"], "ENGINE": "django.db.backends.sqlite3"}
    settings |= {"NAME": str(folder / "other.sqlite3"), "OPTIONS": {}}
    connections.databases["other"] = settings
    try:
        yield "other"
    finally:
        connections["other"].close()
        del connections["other"]
        del connections.databases["other"]
