"""Checks that what rows refer to is there, and names the rows for which it is not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, connections, transaction
from django.db.models import Exists, Model, OuterRef, QuerySet

from dynschema.evolution.dumps.inserting import unfit
from dynschema.evolution.dumps.tables import choose_sources


def check_references(models: Iterable[type[Model]], using: str) -> None:
    """Have the database check all references now, and not when the transaction ends.

    Args:
        models: whose rows are looked at first when there is an error.
        using: the alias of the database.

    Raises:
        UnfitRowError: a row refers to one that is not there.
    """
    try:
        with transaction.atomic(using):
            connections[using].check_constraints()
    except IntegrityError:
        for each in [*models, *(source.model for source in choose_sources(using))]:
            _find(each, using)
        raise


def _find(model: type[Model], using: str) -> None:
    fields: list[Any] = model._meta.local_concrete_fields  # type: ignore[assignment]
    for field in fields:
        if field.remote_field and field.db_constraint and not field.generated:
            _find_in(model, field, using)


def _find_in(model: type[Model], field: Any, using: str) -> None:
    target = field.target_field
    there: QuerySet[Any] = QuerySet(model=target.model, using=using).filter(
        **{target.attname: OuterRef(field.attname)}
    )
    rows: QuerySet[Any] = QuerySet(model=model, using=using)
    lost = rows.filter(~Exists(there), **{f"{field.name}__isnull": False}).order_by("pk")
    # Not the instance: that of a child would be read together with a parent that may be missing.
    for pk, value in lost.values_list("pk", field.attname)[:1]:
        reason = f"{field.attname} is {value!r}, and there is no such {target.model._meta.label}."
        raise unfit(model(pk=pk), reason)
