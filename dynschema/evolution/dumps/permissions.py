"""Gives the models that a dump does not know the permissions that `migrate` had made for them."""

from __future__ import annotations

from collections.abc import Collection

from django.apps import apps

from dynschema.contenttypes import follow
from dynschema.evolution.dumps.tables import EXCLUDED


def add_permissions(known: Collection[str], using: str) -> None:
    """Make what is missing after the permissions were replaced by those of a dump.

    Dynamic models got theirs with their tables.

    Args:
        known: the labels of the models that the dump has, as its site called them; a permission
            that the site had deleted stays so.
        using: the alias of the database.
    """
    if "auth.Permission" in known:
        new = [each for each in apps.get_models() if each._meta.label not in EXCLUDED.union(known)]
        follow(using, [(each, None) for each in new if not hasattr(each, "_dynschema_key")])
