"""Chooses what a dump holds, and in which order it must be restored."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.apps import apps
from django.db import router
from django.db.models import Field, Model, QuerySet

from dynschema import freshness
from dynschema import models as records
from dynschema.evolution.dumps.recorded import DUMP, RESTORE
from dynschema.evolution.dumps.retired import Leftover, read_leftovers

EXCLUDED = {"contenttypes.ContentType", "sessions.Session", "dynschema.Epoch"}
"""Content types are referred to by name; sessions end; the epoch only ever moves on."""

DERIVED: dict[str, dict[str, Any]] = {
    "dynschema.Table": {
        "wanted": None,
        "actual": None,
        "class_print": "",
        "catalog_print": "",
        "epoch": 0,
    }
}
"""What a restore finds out anew, since another database spells it differently."""

OWN_RUNS = {"kind__in": [DUMP, RESTORE]}


class Stage(IntEnum):
    """When a table is restored."""

    STATIC = 1
    """Before the dynamic tables are there: definitions among them."""
    RECORDS = 2
    RETIRED = 3
    """Columns are added to rows that are there."""
    HISTORY = 4
    """After the tables are built, since building them is no change."""


@dataclass(frozen=True)
class Source:
    """One table of the dump."""

    model: type[Model]
    stage: Stage
    key: str = ""
    """Of a dynamic table."""
    leftover: Leftover | None = None
    """What is retired."""

    @property
    def label(self) -> str:
        """The model, as `auth.User`."""
        return self.model._meta.label

    @property
    def table(self) -> str:
        """The table, as the database calls it."""
        return self.model._meta.db_table

    @property
    def is_partial(self) -> bool:
        """True for the retired columns of a table that is in use."""
        return self.leftover is not None and self.leftover.is_partial

    @property
    def fields(self) -> list[Field[Any, Any]]:
        """The fields whose values are written."""
        derived = DERIVED.get(self.label, {})
        own = self.model._meta.local_concrete_fields
        return [each for each in own if not each.generated and each.name not in derived]

    def rows(self, using: str) -> QuerySet[Any]:
        """Return the rows, whatever the managers of the model leave out."""
        return rows_of(self.model, using)


def rows_of(model: type[Model], using: str) -> QuerySet[Any]:
    """Return the rows that a dump of the model holds, and that a restore replaces."""
    rows: QuerySet[Any] = QuerySet(model=model, using=using)
    if model._meta.label == "dynschema_evolution.Run":
        return rows.exclude(**OWN_RUNS)
    if model._meta.label == "dynschema_evolution.RunFailure":
        return rows.exclude(**{f"run__{name}": each for name, each in OWN_RUNS.items()})
    return rows


def choose_sources(using: str, labels: Iterable[str] = ()) -> list[Source]:
    """Return the tables of a dump in the order in which they are restored.

    Args:
        using: the alias of the database.
        labels: of the models wanted, or of whole apps; all when there are none.

    Raises:
        LookupError: there is no model, or no app, of that label; or nothing of it is dumped.
    """
    dynamic = freshness.current(using).models.sorted()
    found = [*_static_sources(using)]
    found += [Source(model, Stage.RECORDS, key) for key, model in dynamic.items()]
    wanted = {_known(each) for each in labels}
    if wanted:
        found = [each for each in found if wanted & _labels(each)]
        _refuse_missing(wanted.difference(*map(_labels, found)))
    else:
        found += _leftover_sources(using, dynamic)
    return [each for stage in Stage for each in _sorted_by_reference(found, stage)]


def _labels(source: Source) -> set[str]:
    return {source.label, source.model._meta.app_label}


def _refuse_missing(labels: Collection[str]) -> None:
    if labels:
        raise LookupError(
            f"There is nothing to dump of {', '.join(sorted(labels))}: proxies have no rows, other "
            "databases and unmanaged tables are not touched, sessions and content types left out."
        )


def _known(label: str) -> str:
    has_model = "." in label
    return apps.get_model(label)._meta.label if has_model else apps.get_app_config(label).label


def _static_sources(using: str) -> Iterator[Source]:
    for model in apps.get_models(include_auto_created=True):
        # Django asks about the table between two models as about the model that declares it.
        asked: Any = model._meta.auto_created or model
        if _is_static(model) and router.allow_migrate_model(using, asked):
            stage = Stage.HISTORY if model is records.Change else Stage.STATIC
            yield Source(model, stage)


def _is_static(model: type[Model]) -> bool:
    meta = model._meta
    is_dynamic = hasattr(model, "_dynschema_key")
    return meta.managed and not meta.proxy and not is_dynamic and meta.label not in EXCLUDED


def _leftover_sources(using: str, in_use: Container[str]) -> Iterator[Source]:
    for each in read_leftovers(using, in_use):
        yield Source(each.model(), Stage.RETIRED, each.placed.key, each)


def _sorted_by_reference(sources: list[Source], stage: Stage) -> list[Source]:
    """Put what is referred to first; what is in a circle comes in the order of its labels."""
    waiting = sorted(
        (each for each in sources if each.stage is stage),
        key=lambda each: (each.label, each.table),
    )
    ordered: list[Source] = []
    while waiting:
        missing = {each.table for each in waiting}
        ready = [each for each in waiting if not _targets(each) & missing - {each.table}]
        ordered += ready or waiting[:1]
        waiting = [each for each in waiting if each not in ordered]
    return ordered


def _targets(source: Source) -> set[str]:
    models = (each.remote_field.model for each in source.fields if each.remote_field)
    return {each._meta.concrete_model._meta.db_table for each in models}  # type: ignore[union-attr]


def primary_keys(model: type[Model]) -> list[Field[Any, Any]]:
    """Return the fields of the primary key."""
    return list(model._meta.pk_fields)
