"""What restore.py uses: it finds models, makes values and executes data files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import JSONField, Value
from django.utils.timezone import get_default_timezone

from dynschema.evolution.dumps.executing import execfile_in
from dynschema.evolution.dumps.kinds import Column
from dynschema.evolution.dumps.literals import element_of
from dynschema.evolution.dumps.loading import FlushDeferredObjects, Loader
from dynschema.evolution.dumps.placeholders import DynamicModel, UnresolvedModel
from dynschema.evolution.dumps.restoring import Restore, restoring
from dynschema.evolution.dumps.retired import retired_model
from dynschema.management.options import add_database

__all__ = ["JSON_NULL", "Column", "FlushDeferredObjects", "Script"]

JSON_NULL = Value(None, JSONField())
"""A null within JSON, which is not the NULL of the database."""


class Script:
    """The functions of one restore.py, within whose globals the data files are executed."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.folder = Path(names["__file__"]).absolute().parent
        self.dt = _moments(names["USE_TZ"], names["TIME_ZONE"])
        self.retired: list[type[models.Model]] = []
        self._execute = execfile_in(names)
        self._content_types: dict[tuple[str, str], int] = {}

    @property
    def using(self) -> str:
        """The alias of the database that the loader of the script fills."""
        return getattr(self.names.get("loader"), "using", DEFAULT_DB_ALIAS)

    def arguments(self, given: list[str] | None = None) -> argparse.Namespace:
        """Read the command line."""
        parser = argparse.ArgumentParser(description="Restore this dump.")
        add_database(parser)
        parser.add_argument("-b", "--noinput", "--batch", action="store_true", help="Do not ask.")
        parser.add_argument("--quick", action="store_true", help="Do not validate rows.")
        parser.add_argument("--edited", action="store_true", help="Data files may be edited.")
        return parser.parse_args(sys.argv[1:] if given is None else given)

    def restoring(self, args: argparse.Namespace) -> AbstractContextManager[Loader]:
        """Return the block in which the files are executed."""
        version = self.names["SOURCE_VERSION"]
        return restoring(Restore(self.folder, self.names, version, self.retired, args))

    def execfile(self, path: str) -> None:
        """Execute a file here; one without a folder is beside restore.py."""
        beside = self.folder / path
        is_name = Path(path).name == path
        target = beside if is_name and beside.exists() else Path(path)
        current = self.names.get("loader")
        if isinstance(current, Loader):
            current.execute(target, self._execute)
        else:
            self._execute(target)

    # Models

    def resolve_model(self, label: str) -> Any:
        """Return a model; one that is gone is an error when it is used."""
        try:
            return apps.get_model(label)
        except LookupError:
            return UnresolvedModel(label)

    def dynamic_model(self, key: str, label: str) -> Any:
        """Return what stands for a dynamic model until its table is built."""
        return DynamicModel(key, label, self)

    def retired_model(
        self, table: str, *, partial: bool, fields: Mapping[str, Any]
    ) -> type[models.Model]:
        """Return a model for columns that no definition asks for."""
        model = retired_model(table, fields, partial=partial)
        self.retired.append(model)
        return model

    def create_mti_child(self, parent: Any, pk: Any, child: Any, /, **values: Any) -> Any:
        """Return an instance of a child model, with the values that its parents have by now.

        A row of it is there to a part then, which is what its `full_clean()` and `save()` are told.
        """
        row = child(**values)
        row._state.adding = False
        for model, link in child._meta.parents.items():
            rows = model._base_manager.using(self.using)
            found = link and rows.filter(pk=getattr(row, link.attname)).values().first()
            for name, value in (found or {}).items():
                setattr(row, name, value)
            if not found:
                row._state.adding = True
        row.pk = pk
        return row

    # Values

    def from_text(self, label: str, name: str, text: str) -> Any:
        """Return what a field makes of the text that it made of a value."""
        return element_of(self.resolve_model(label)._meta.get_field(name)).to_python(text)

    def new_content_type_id(self, name: str | None) -> int | None:
        """Return the primary key of a content type, `app.model`, which is made if need be."""
        if name is None:
            return None
        known = (self.using, name)
        if known not in self._content_types:
            app_label, _, model = str(name).partition(".")
            rows = apps.get_model("contenttypes.ContentType").objects.using(self.using)
            self._content_types[known] = rows.get_or_create(app_label=app_label, model=model)[0].pk
        return self._content_types[known]


def _moments(use_tz: bool, time_zone: str) -> Callable[..., datetime]:
    """Return what makes a moment, in the form that the settings of this site ask for."""
    written_in = UTC if use_tz else ZoneInfo(time_zone)
    if use_tz and settings.USE_TZ:
        return partial(datetime, tzinfo=UTC)
    naive: Callable[..., datetime] = datetime
    if not use_tz and not settings.USE_TZ:
        return naive
    wanted = UTC if settings.USE_TZ else get_default_timezone()

    def dt(*parts: int) -> datetime:
        moment = naive(*parts).replace(tzinfo=written_in).astimezone(wanted)
        return moment if settings.USE_TZ else moment.replace(tzinfo=None)

    return dt
