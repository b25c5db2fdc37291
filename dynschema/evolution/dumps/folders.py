"""Writes a folder aside and puts it in its place when it is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dynschema.evolution.dumps.exceptions import FolderExistsError, UnwritableFolderError
from dynschema.evolution.dumps.leftovers import (
    FORMER,
    PARTIAL,
    held,
    new_folder,
    remove_leftovers,
)
from dynschema.evolution.dumps.manifest import SCRIPT


@contextmanager
def written_aside(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """Yield a new folder, which takes the place of the target when the block ends well.

    Args:
        target: where the folder is wanted.
        overwrite: a dump that is there is replaced.

    Raises:
        FolderExistsError: something is there that may not be replaced.
        UnwritableFolderError: the operating system refuses.
    """
    target = target.absolute()
    _refuse_existing(target, overwrite)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = new_folder(target, PARTIAL)
        try:
            with held(aside):
                yield aside
                _put(aside, target)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        remove_leftovers(target)
    except OSError as error:
        raise UnwritableFolderError(folder=target, reason=error.strerror or error) from error


def _refuse_existing(target: Path, overwrite: bool) -> None:
    if not os.path.lexists(target):
        return
    if not overwrite:
        raise FolderExistsError(
            folder=target, reason="", remedy="Name another one, or overwrite it with -o."
        )
    reason = _reason_to_keep(target)
    if reason:
        reason = f" and {reason}, so it is not overwritten"
        raise FolderExistsError(folder=target, reason=reason, remedy="Name another one.")


def _reason_to_keep(target: Path) -> str:
    if target.is_symlink():
        return "is a link"
    if target.resolve() == Path.cwd():
        return "is where you are"
    is_empty = target.is_dir() and not any(target.iterdir())
    return "" if is_empty or (target / SCRIPT).exists() else "is no dump"


def _put(aside: Path, target: Path) -> None:
    """Let the new folder take the place of an old one; a crash leaves one of them whole."""
    if not target.exists():
        os.rename(aside, target)
        return
    former = new_folder(target, FORMER)
    with held(former):
        os.rename(target, former / target.name)
        os.rename(aside, target)
        shutil.rmtree(former)
