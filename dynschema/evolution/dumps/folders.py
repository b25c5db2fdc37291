"""Writes a folder aside and puts it in its place when it is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from dynschema.evolution.dumps.exceptions import FolderExistsError
from dynschema.evolution.dumps.manifest import SCRIPT


@contextmanager
def written_aside(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """Yield a new folder, which takes the place of the target when the block ends well.

    Args:
        target: where the folder is wanted.
        overwrite: a dump that is there is replaced.

    Raises:
        FolderExistsError: something is there that may not be replaced.
    """
    target = target.absolute()
    _refuse_existing(target, overwrite)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(mkdtemp(prefix=f".{target.name}.partial-", dir=target.parent))
    try:
        yield aside
        aside.chmod(0o700)  # It holds whatever the database holds.
        _put(aside, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _refuse_existing(target: Path, overwrite: bool) -> None:
    if not target.exists():
        return
    if not overwrite:
        raise FolderExistsError(
            folder=target, reason="", remedy="Name another one, or overwrite it with -o."
        )
    is_empty = target.is_dir() and not any(target.iterdir())
    if not is_empty and not (target / SCRIPT).exists():
        raise FolderExistsError(
            folder=target,
            reason=" and is no dump, so it is not overwritten",
            remedy="Name another one.",
        )


def _put(aside: Path, target: Path) -> None:
    """Let the new folder take the place of an old one; a crash leaves one of them whole."""
    if not target.exists():
        os.rename(aside, target)
        return
    former = Path(mkdtemp(prefix=f".{target.name}.former-", dir=target.parent))
    os.rename(target, former / target.name)
    os.rename(aside, target)
    shutil.rmtree(former)
