"""Keeps content types and permissions in step with dynamic models.

Django makes both after `migrate`; a dynamic model appears in between. The rows are written
directly, since the cache of Django's content types would keep a row that is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.apps import apps
from django.db import router, transaction
from django.db.models import Model

from dynschema.signals import model_built

LONGEST_NAME = 255
"""Characters of the name of a permission."""

Moves = Sequence[tuple[type[Model], str | None]]
"""Classes, and what their content types are called now."""

Retired = Sequence[tuple[str, str, str]]
"""The app, the name and the table of models; a table's name is never given to another one."""


def listen() -> None:
    """Let Django read its content types anew: a name may belong to another model by now."""
    model_built.connect(_forget, dispatch_uid="dynschema content types")


def follow(using: str, moves: Moves, retired: Retired = ()) -> None:
    """Make or rename the content types and the permissions of models, which may swap names.

    Where a router has those of this database in another one, they follow after the commit, since
    no transaction holds both; an error is logged then.

    Args:
        using: the alias of the database of the models, in a transaction.
        moves: each current class, and what its content type is called now, in lower case; None if
            there is none.
        retired: the app, the name and the table of models that make room for them.
    """
    if not (moves or retired) or not apps.is_installed("django.contrib.contenttypes"):
        return
    home = _home(using)
    if home == using:
        _follow(home, moves, retired)
    else:
        later = partial(_follow_at_once, home, moves, retired)
        transaction.on_commit(later, using=using, robust=True)


def _home(using: str) -> str:
    """Return the alias of the database with the content types for the models in another one."""
    if _is_available("contenttypes", "ContentType", using):
        return using
    return str(router.db_for_write(apps.get_model("contenttypes", "ContentType")))


def _follow_at_once(home: str, moves: Moves, retired: Retired) -> None:
    with transaction.atomic(home):
        _follow(home, moves, retired)


def _follow(using: str, moves: Moves, retired: Retired) -> None:
    for each in retired:
        _set_aside(using, *each)
    has_permissions = _is_available("auth", "Permission", using)
    present = [_made_way(using, *move, is_alone=len(moves) == 1) for move in moves]
    for (model, former), kind in zip(moves, present, strict=True):
        kind, is_new = _content_type(using, model, kind)
        if has_permissions:
            _follow_permissions(using, kind, model, former, is_new=is_new)


def asks_for_more(model: type[Model], former: type[Model] | None) -> bool:
    """Tell whether a class asks for permissions that its former one did not."""
    if former is None:
        return False
    before, after = (
        {codename for codename, _, _ in _wanted_permissions(each, None)} for each in (former, model)
    )
    return not after <= before


def _set_aside(using: str, app_label: str, name: str, table: str) -> None:
    """Give the content type of a retired table a name that no model can have.

    A new model of the same name would otherwise inherit who may see its rows.
    """
    _free(using, app_label, name_aside(table))
    _rename(using, app_label, name, name_aside(table))


def name_aside(table: str) -> str:
    """Return what the content type of a retired table is called."""
    return f"{table} (retired)"


def _free(using: str, app_label: str, name: str, owner: int = 0) -> None:
    """Rename a content type that stands in the way of its owner and belongs to no model.

    Django makes one for whoever asks with an old class, and leaves those of removed models.
    """
    kinds = apps.get_model("contenttypes", "ContentType").objects.using(using)
    found = kinds.filter(app_label=app_label, model=name).exclude(pk=owner)
    stale: int | None = found.values_list("pk", flat=True).first()
    if stale is not None:
        _rename(using, app_label, name, f"{name} ({stale})")


def _rename(using: str, app_label: str, old: str, new: str) -> None:
    """Rename a content type, and its permissions, for which Django asks by code name alone."""
    kinds = apps.get_model("contenttypes", "ContentType").objects.using(using)
    found = kinds.filter(app_label=app_label, model=old)
    if _is_available("auth", "Permission", using):
        permissions = apps.get_model("auth", "Permission").objects.using(using)
        for each in permissions.filter(content_type__in=found, codename__endswith=f"_{old}"):
            action = each.codename.removesuffix(old)
            permissions.filter(pk=each.pk).update(codename=f"{action}{new}")
    found.update(model=new)


def _forget(**_: Any) -> None:
    if apps.is_installed("django.contrib.contenttypes"):
        apps.get_model("contenttypes", "ContentType").objects.clear_cache()


def _is_available(app: str, model: str, using: str) -> bool:
    return apps.is_installed(f"django.contrib.{app}") and router.allow_migrate_model(
        using, apps.get_model(app, model)
    )


def _made_way(using: str, model: type[Model], former: str | None, *, is_alone: bool) -> int | None:
    """Return the content type of a model, and free its name for a model that moves as well."""
    if former is None:
        return None
    kinds = apps.get_model("contenttypes", "ContentType").objects.using(using)
    found = kinds.filter(app_label=model._meta.app_label, model=former)
    kind: int | None = found.values_list("pk", flat=True).first()
    if not is_alone:
        found.update(model=f"{kind} moves")
    return kind


def _content_type(using: str, model: type[Model], present: int | None) -> tuple[int, bool]:
    """Return the content type of a model, under the model's name, and whether it is new."""
    kinds = apps.get_model("contenttypes", "ContentType").objects.using(using)
    label, model_name = model._meta.app_label, str(model._meta.model_name)
    name = {"app_label": label, "model": model_name}
    if present is not None:
        _free(using, label, model_name, present)
        kinds.filter(pk=present).update(**name)
        return present, False
    kind: int | None = kinds.filter(**name).values_list("pk", flat=True).first()
    # Nobody else makes it meanwhile, under our lock: no savepoint is needed.
    return (kinds.create(**name).pk, True) if kind is None else (kind, False)


def _follow_permissions(
    using: str, kind: int, model: type[Model], former: str | None, *, is_new: bool
) -> None:
    """Rename the permissions of a model, and make those that are missing."""
    permission = apps.get_model("auth", "Permission")
    rows = permission.objects.using(using)
    there = () if is_new else rows.filter(content_type_id=kind)
    present = {each.codename: each for each in there}
    missing = []
    for codename, name, former_codename in _wanted_permissions(model, former):
        row = present.get(former_codename) or present.get(codename)
        if row is None:
            missing.append(permission(content_type_id=kind, codename=codename, name=name))
        elif (row.codename, row.name) != (codename, name):
            rows.filter(pk=row.pk).update(codename=codename, name=name)
    rows.bulk_create(missing)


def _wanted_permissions(model: type[Model], former: str | None) -> Iterator[tuple[str, str, str]]:
    """Yield code name, name, and the code name under the former name of the model."""
    meta = model._meta
    for action in meta.default_permissions:
        name = f"Can {action} {meta.verbose_name_raw}"[:LONGEST_NAME]
        yield f"{action}_{meta.model_name}", name, f"{action}_{former}"
    for codename, label in meta.permissions:
        yield codename, str(label)[:LONGEST_NAME], codename
