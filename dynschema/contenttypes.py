"""Keeps content types and permissions in step with dynamic models.

Django makes both after `migrate`; a dynamic model appears in between. The rows are written
directly, since the cache of Django's content types would keep a row that is rolled back.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import router
from django.db.models import Model


def follow(using: str, model: type[Model], former_name: str | None) -> None:
    """Make or rename the content type and the permissions of a model.

    Args:
        using: the alias of the database.
        model: the current class.
        former_name: what the content type is called now, in lower case; None if there is none.
    """
    if not _is_available("contenttypes", "ContentType", using):
        return
    name = model._meta.model_name or ""
    kind = _content_type(using, model._meta.app_label, former_name or name, name)
    if _is_available("auth", "Permission", using):
        _follow_permissions(using, kind, model, former_name)


def set_aside(using: str, app_label: str, name: str, table: str) -> None:
    """Call the content type of a retired table by the name of the table, which is never used again.

    A new model of the same name would otherwise inherit who may see its rows.
    """
    if _is_available("contenttypes", "ContentType", using):
        kinds = apps.get_model("contenttypes", "ContentType").objects.using(using)
        kinds.filter(app_label=app_label, model=name).update(model=table)


def _is_available(app: str, model: str, using: str) -> bool:
    return apps.is_installed(f"django.contrib.{app}") and router.allow_migrate_model(
        using, apps.get_model(app, model)
    )


def _content_type(using: str, app_label: str, former_name: str, name: str) -> int:
    kinds = apps.get_model("contenttypes", "ContentType").objects.using(using)
    present = kinds.filter(app_label=app_label, model=former_name).first()
    if present is None:
        return kinds.get_or_create(app_label=app_label, model=name)[0].pk
    if former_name != name:
        kinds.filter(pk=present.pk).update(model=name)
    return present.pk


def _follow_permissions(using: str, kind: int, model: type[Model], former_name: str | None) -> None:
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    meta = model._meta
    for action in meta.default_permissions:
        values: dict[str, Any] = {
            "codename": f"{action}_{meta.model_name}",
            "name": f"Can {action} {meta.verbose_name_raw}"[:255],
        }
        former = permissions.filter(content_type=kind, codename=f"{action}_{former_name}")
        if not (former_name and former.update(**values)):
            permissions.get_or_create(content_type_id=kind, **values)
    for codename, label in meta.permissions:
        permissions.get_or_create(content_type_id=kind, codename=codename, defaults={"name": label})
