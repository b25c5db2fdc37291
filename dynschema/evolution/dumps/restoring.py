"""Restores a dump, a table of contents: verify, ask, migrate, empty, load, check, record."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import CommandError
from django.db import connections
from django.db.models import Model

from dynschema.blocks import atomic
from dynschema.evolution.dumps.clearing import clear, prove_empty, refuse_cascades
from dynschema.evolution.dumps.loading import Loader
from dynschema.evolution.dumps.manifest import Manifest, read_manifest, verify
from dynschema.evolution.dumps.migrators import migrator_class
from dynschema.evolution.dumps.permissions import add_permissions
from dynschema.evolution.dumps.placeholders import DynamicModel
from dynschema.evolution.dumps.recorded import RESTORE, Tally, recorded
from dynschema.evolution.dumps.references import check_references
from dynschema.models import Table

WARNING = """\
This executes the Python code in {folder}.
It replaces all rows of {count} tables in the database "{name}" ({using}); dynamic tables that are
there are dropped with their records. Type "yes" to go on: """

NOBODY = "There is nobody to ask. Nothing was changed; say --noinput to restore without asking."


@dataclass(frozen=True)
class Restore:
    """What is restored, and how."""

    folder: Path
    names: dict[str, Any]
    """The globals of restore.py."""
    version: str
    """Of the site that wrote the dump."""
    retired: list[type[Model]]
    args: argparse.Namespace


@contextmanager
def restoring(restore: Restore) -> Iterator[Loader]:
    """Let the block load the files of a dump, all or nothing.

    Raises:
        CascadingRowsError: rows that are not in the dump would be lost.
        ChangedDumpError: a data file is not as it was written.
        IncompleteDumpError: the dump is not whole.
        UnfitRowError: a row does not fit.
        UnloadableFileError: a file cannot be executed.
    """
    manifest, using = read_manifest(restore.folder), restore.args.database
    verify(manifest, restore.folder, edited=restore.args.edited)
    models = _models(restore, manifest)
    if not restore.args.noinput:
        _ask(restore, len(models))
    with recorded(RESTORE, str(restore.folder), using) as tally:
        tally.expect(manifest.rows)
        if not connections[using].features.supports_transactions:
            prove_empty(models, using)
        with atomic(using, actor=f"restore of {restore.folder.name}"):
            yield from _loaded(restore, manifest, models, tally)
            tally.finish()


def _loaded(
    restore: Restore, manifest: Manifest, models: list[type[Model]], tally: Tally
) -> Iterator[Loader]:
    """Yield the loader between what comes before the files and what comes after them."""
    loader = Loader(restore.args.database, tally, quick=restore.args.quick)
    loader.replaced, loader.retired, loader.names = models, restore.retired, restore.names
    loader.known = manifest.labels or {each._meta.label for each in models}
    restore.names["loader"] = loader
    migrator = migrator_class()(loader)
    migrator.migrate(restore.version, restore.names)
    refuse_cascades(models, loader.using)
    clear(models, loader.using)
    for hook in migrator.hooks_before:
        hook(loader)
    yield loader
    loader.finish()
    for hook in migrator.hooks_after:
        hook(loader)
    _finish(loader)


def _finish(loader: Loader) -> None:
    loader.finish()
    add_permissions(loader.known, loader.using)
    check_references(loader.replaced, loader.using)
    if apps.is_installed("django.contrib.contenttypes"):
        apps.get_model("contenttypes.ContentType").objects.clear_cache()


def _models(restore: Restore, manifest: Manifest) -> list[type[Model]]:
    """Return the models whose rows the dump replaces; one that is gone has none."""
    names = dict.fromkeys(each.table for each in manifest.files)
    found = [_resolved(restore.names.get(each)) for each in names]
    models = [each for each in found if each is not None and each not in restore.retired]
    if Table in models:  # Then the dynamic ones are built anew.
        models = [each for each in models if not hasattr(each, "_dynschema_key")]
    return models


def _resolved(value: Any) -> type[Model] | None:
    current = value.resolved() if isinstance(value, DynamicModel) else value
    return current if isinstance(current, type) else None


def _ask(restore: Restore, count: int) -> None:
    using = restore.args.database
    name = connections[using].settings_dict["NAME"]
    text = WARNING.format(folder=restore.folder, count=count, name=name, using=using)
    try:
        answer = input(text)
    except EOFError as error:
        raise CommandError(NOBODY) from error
    if answer != "yes":
        raise CommandError("Nothing was changed.")
