"""What is done when all apps are loaded: refuse what is left over, and listen for `migrate`."""

from __future__ import annotations

import sys
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from dynschema.evolution.inject import keeping, updates, waiting


def finish(config: AppConfig) -> None:
    """Refuse calls that wait in vain; have the columns follow each `migrate`.

    Args:
        config: of the app that `migrate` is to announce, which it does once for each.

    Raises:
        NeverPreparedError: a model that was waited for is not there.
        UnknownFieldError: a field that is to be updated is not there.
    """
    waiting.refuse_leftovers()
    updates.carry_out_waiting()
    updates.refuse_unknown()
    keeping.listen()
    post_migrate.connect(_follow, sender=config, dispatch_uid="dynschema injected fields")


def _follow(using: str, verbosity: int = 0, stdout: Any = sys.stdout, **_: Any) -> None:
    # Loaded by those who migrate, and not by every process that starts.
    from dynschema.evolution.inject.syncing import sync_injected  # noqa: PLC0415

    plans = sync_injected(using, actor="manage.py migrate")
    if plans and verbosity >= 1:
        stdout.write("Injected fields:\n")
        for plan in plans:
            for line in (*(each.describe() for each in plan.operations), *plan.unsure):
                stdout.write(f"  {line}\n")
