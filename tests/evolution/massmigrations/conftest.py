"""Runs that wait for the test, apps that are made for it, and a second database."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.evolution.models import Run, RunFailure
from tests.evolution.runs.stock.models import Item

NUMBERS = count()


@pytest.fixture
def waiting(settings):
    """Have runs wait until the test works them off."""
    settings.DYNSCHEMA = {"evolution": {"engine": "manual"}}


@pytest.fixture
def make_app(tmp_path: Path, settings, monkeypatch):
    """Give a function that installs a new app, with mass migrations by their names."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(**migrations: str) -> str:
        label = f"made{next(NUMBERS)}"
        folder = tmp_path / label / "massmigrations"
        folder.mkdir(parents=True)
        (tmp_path / label / "__init__.py").touch()
        for name, text in migrations.items():
            (folder / f"{name.removeprefix('m')}.py").write_text(text.replace("APP", label))
        settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, label]
        return label

    yield make
    for name in [each for each in sys.modules if each.startswith("made")]:
        del sys.modules[name]


@pytest.fixture
def archive(tmp_path: Path, transactional_db, monkeypatch) -> Iterator[str]:
    """Give the alias of a second database, with a table for runs and one for items."""
    # Django's test case lets nobody use a database that it did not know at its start.
    allowed = inspect.getclosurevars(BaseDatabaseWrapper.ensure_connection).nonlocals
    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", allowed["real_ensure_connection"])
    connections.databases["archive"] = {
        **connections.databases["default"],
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(tmp_path / "archive.sqlite3"),
        "OPTIONS": {},
    }
    connection = connections["archive"]
    with connection.schema_editor() as editor:
        for model in (Run, RunFailure, Item):
            editor.create_model(model)
    yield "archive"
    connection.close()
    del connections["archive"]
    del connections.databases["archive"]
