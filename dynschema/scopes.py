"""Brings a process to the current epoch when a request starts, and when Django looks up a model."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import DatabaseError, InterfaceError, connections, transaction

from dynschema import freshness
from dynschema.definitions import database_of
from dynschema.exceptions import NotInstalledError
from dynschema.loading import blueprints
from dynschema.runtime import appconfig
from dynschema.runtime.snapshot import Snapshot


def listen() -> None:
    """Connect what marks the beginning and the end of requests and tasks."""
    request_started.connect(_start, dispatch_uid="dynschema")
    request_finished.connect(_end, dispatch_uid="dynschema")
    for label in {each.app_label for each in blueprints.values()}:
        appconfig.install(label, freshness.registry, _catch_up)


def _start(**_: Any) -> None:
    """Ask for the epoch once; whoever then needs a class gets it without a query.

    A page that needs no dynamic model must not fail because of one: when the database cannot
    answer, whoever needs one asks again, and gets the error.
    """
    freshness.start_scope()
    _catch_up()


def _end(**_: Any) -> None:
    freshness.end_scope()


def _catch_up() -> Snapshot | None:
    """Return the current models, as far as the database can be asked."""
    snapshot = None
    for using in {database_of(each) for each in blueprints.values()}:
        if not connections[using].needs_rollback:
            try:
                with _transaction_kept(using):
                    snapshot = freshness.current(using)
            except (DatabaseError, InterfaceError, NotInstalledError):
                continue
    return snapshot


def _transaction_kept(using: str) -> AbstractContextManager[Any]:
    """Let a transaction that is open go on when the first question fails, as before `migrate`."""
    is_first = freshness.registry.snapshot.epoch is None
    is_open = connections[using].in_atomic_block
    return transaction.atomic(using) if is_first and is_open else nullcontext()
