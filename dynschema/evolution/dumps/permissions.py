"""Gives the models that a dump does not know the permissions that `migrate` had made for them."""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import apps
from django.db.models import Model

from dynschema.contenttypes import follow
from dynschema.evolution.dumps.tables import EXCLUDED


def add_permissions(known: Sequence[type[Model]], using: str) -> None:
    """Make what is missing after the permissions were replaced by those of a dump.

    Dynamic models got theirs with their tables.

    Args:
        known: the models of the dump; a permission that their site has deleted stays so.
        using: the alias of the database.
    """
    labels = {each._meta.label for each in known}
    if "auth.Permission" in labels:
        new = [each for each in apps.get_models() if each._meta.label not in labels | EXCLUDED]
        follow(using, [(each, None) for each in new if not hasattr(each, "_dynschema_key")])
