"""A site for each test, migrated before anything was injected."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.apps import apps
from django.db import models

from dynschema.evolution.inject.injections import injections
from dynschema.evolution.inject.updates import originals
from tests import variables
from tests.evolution.inject.sites import Site, copied, new_site
from tests.example.test_demo import server_with_database

NUMBERS = count()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a site whose database others copy."""
    folder = tmp_path_factory.mktemp("injected") / "site"
    with database_for(folder, None) as url:
        site = new_site(folder, url)
        site.manage("migrate", "-v0")
        yield site


@pytest.fixture
def site(migrated: Site, tmp_path: Path) -> Iterator[Site]:
    """Give a site of the test's own."""
    folder = tmp_path / "site"
    with database_for(folder, migrated) as url:
        yield copied(migrated, folder, url)


@pytest.fixture
def unmigrated(tmp_path: Path) -> Iterator[Site]:
    """Give a site with an empty database."""
    folder = tmp_path / "site"
    with database_for(folder, None) as url:
        yield new_site(folder, url)


@contextmanager
def database_for(folder: Path, model: Site | None) -> Iterator[str]:
    """Give the address of a database, an empty one or a copy."""
    if os.environ[variables.DATABASE] == "sqlite":
        file = folder.with_suffix(".sqlite3")
        if model is not None:
            shutil.copy(model.url.removeprefix("sqlite:///"), file)
        yield f"sqlite:///{file}"
        return
    server = os.environ[variables.URL]
    name = f"dynschema_inject_{os.getpid()}_{next(NUMBERS)}"
    template = f" TEMPLATE {urlsplit(model.url).path[1:]}" if model else ""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}{template}")
        try:
            yield server_with_database(server, name)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def make_model() -> Iterator[Callable[..., type[models.Model]]]:
    """Give a function that makes a class in this process, which is gone after the test."""
    made = []

    def make(name: str, /, *bases: type[models.Model], **body: Any) -> type[models.Model]:
        module = {"__module__": "tests.forms.models"}
        made.append(name.lower())
        return type(name, bases or (models.Model,), {**module, **body})

    yield make
    for name in made:
        apps.all_models["forms"].pop(name, None)
        for known in (injections, originals):
            for each in [each for each in known if each[0] == f"forms.{name}"]:
                del known[each]
    apps.clear_cache()
