"""Removes what processes that were killed have left beside a dump: rows, password hashes."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from django.core.files import locks

PARTIAL, FORMER = "partial", "former"
"""What a folder beside a dump is: the next one on its way, or the last one while it goes."""


def new_folder(target: Path, role: str) -> Path:
    """Make a folder beside a dump that only its owner can read."""
    return Path(mkdtemp(prefix=f".{target.name}.{role}-", dir=target.parent))


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Lock a folder until the block ends, or until the process does, however that comes."""
    handle = _locked(folder)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def remove_leftovers(target: Path) -> None:
    """Remove the folders beside a dump that no process holds.

    Call it when the dump is in its place: until then, one of them may be the last that is whole.
    """
    name = re.compile(rf"\.{re.escape(target.name)}\.({PARTIAL}|{FORMER})-[a-z0-9_]{{8}}")
    for each in target.parent.glob(".*"):
        if name.fullmatch(each.name) and each.is_dir() and not each.is_symlink():
            _remove(each)


def _remove(folder: Path) -> None:
    handle = _locked(folder)
    if handle is not None:
        shutil.rmtree(folder, ignore_errors=True)  # It may belong to somebody else.
        os.close(handle)


def _locked(folder: Path) -> int | None:
    """Open and lock a folder; None where somebody else has, or where that is not possible."""
    handle = None
    with suppress(OSError):  # Windows opens no folders, and some network file systems lock none.
        handle = os.open(folder, os.O_RDONLY)
        if locks.lock(handle, locks.LOCK_EX | locks.LOCK_NB):
            return handle
    if handle is not None:
        os.close(handle)
    return None
