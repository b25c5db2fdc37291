"""Short ways to write builds and to have their tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

from dynschema.runtime.build import Build
from dynschema.runtime.registry import Registry
from dynschema.runtime.snapshot import Snapshot

# Any installed app can own dynamic models; this one has a model and migrations of its own.
APP = "sessions"


def lunch(key: str = "survey:1", name: str = "LunchResponse", **fields: models.Field) -> Build:
    """Give the build of a model with these fields."""
    return build(key, name, fields)


def build(key: str, name: str, fields: dict[str, models.Field], **more: Any) -> Build:
    """Give a build with more than fields."""
    table = f"{APP}_{name.lower()}"
    return Build(key, APP, name, table, fields, module="tests.runtime.builds", **more)


def to_user(**more: Any) -> models.Field:
    """Give an optional foreign key to the user model."""
    return models.ForeignKey("auth.User", models.CASCADE, null=True, **more)


def publish(registry: Registry, *builds: Build, removed: tuple[str, ...] = ()) -> Snapshot:
    """Make builds the current ones."""
    return registry.change({each.key: each for each in builds}, removed)


@contextmanager
def tables(snapshot: Snapshot) -> Iterator[None]:
    """Have the tables of all models in the transaction of a test, which takes them away again."""
    editor = connection.SchemaEditorClass(connection, atomic=False)
    editor.deferred_sql = []
    for model in snapshot.models.values():
        editor.create_model(model)
    for statement in editor.deferred_sql:
        editor.execute(statement)
    yield


@contextmanager
def committed_tables(snapshot: Snapshot) -> Iterator[None]:
    """Have the tables of all models for a test without a transaction."""
    with connection.schema_editor() as editor:
        for model in snapshot.models.values():
            editor.create_model(model)
    yield
    with connection.schema_editor() as editor:
        for model in snapshot.models.values():
            editor.delete_model(model)
