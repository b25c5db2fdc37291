"""Checks that what rows refer to is there, and names the rows for which it is not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, connections, transaction
from django.db.models import Exists, Model, OuterRef, QuerySet

from dynschema.evolution.dumps.inserting import unfit


def check_references(models: Iterable[type[Model]], using: str) -> None:
    """Have the database check all references now, and not when the transaction ends.

    Args:
        models: whose rows are looked at when there is an error.
        using: the alias of the database.

    Raises:
        UnfitRowError: a row refers to one that is not there.
    """
    try:
        with transaction.atomic(using):
            connections[using].check_constraints()
    except IntegrityError:
        for each in models:
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
    for row in lost[:1]:
        value = getattr(row, field.attname)
        raise unfit(
            row, f"{field.attname} is {value!r}, and there is no such {target.model._meta.label}."
        )
