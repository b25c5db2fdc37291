"""Gives the models that a dump does not know the permissions that `migrate` had made for them."""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.db.models import Model

from dynschema.evolution.dumps.tables import EXCLUDED


def add_permissions(known: Sequence[type[Model]], using: str) -> None:
    """Make what is missing after the permissions were replaced by those of a dump.

    Args:
        known: the models of the dump; a permission that their site has deleted stays so.
        using: the alias of the database.
    """
    if "auth.Permission" not in {each._meta.label for each in known}:
        return
    labels = {each._meta.label for each in known} | EXCLUDED
    for config in apps.get_app_configs():
        if any(each._meta.label not in labels for each in config.get_models()):
            create_permissions(config, verbosity=0, using=using)
