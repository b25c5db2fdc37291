"""Brings a process to the current epoch: in requests and tasks, and when Django finds a model."""

from __future__ import annotations

import logging
from typing import Any

import django
from django.core.signals import request_finished, request_started
from django.db import DatabaseError, InterfaceError, connections, transaction

from dynschema import freshness
from dynschema.definitions import database_of
from dynschema.exceptions import NotInstalledError
from dynschema.loading import blueprints
from dynschema.runtime import appconfig
from dynschema.runtime.snapshot import Snapshot

logger = logging.getLogger("dynschema")


def listen() -> None:
    """Connect what marks the beginning and the end of requests and tasks."""
    request_started.connect(_start, dispatch_uid="dynschema")
    request_finished.connect(_end, dispatch_uid="dynschema")
    if django.VERSION >= (6, 0):
        from django.tasks.signals import task_started  # noqa: PLC0415

        task_started.connect(_start_task, dispatch_uid="dynschema")
    for label in {each.app_label for each in blueprints.values()}:
        appconfig.install(label, freshness.registry, catch_up, catch_up_if_possible)


def _start(**_: Any) -> None:
    """Ask for the epoch once; whoever then needs a class gets it without a query.

    A page that needs no dynamic model must not fail because of one: when the database cannot
    answer, whoever needs one asks again, and gets the error.
    """
    freshness.start_scope()
    catch_up_if_possible()


def _end(**_: Any) -> None:
    freshness.end_scope()


def _start_task(**_: Any) -> None:
    """Let a task know the relations that there are now; those who ask for a class ask again."""
    catch_up()


def catch_up() -> Snapshot | None:
    """Bring this process to the current models and return them, as far as the databases answer."""
    snapshot = None
    for using in {database_of(each) for each in blueprints.values()}:
        if not connections[using].needs_rollback:
            try:
                snapshot = _current(using)
            except (DatabaseError, InterfaceError, NotInstalledError):
                continue
    return snapshot


def catch_up_if_possible() -> Snapshot | None:
    """Do the same where nobody has asked for a model, so that it cannot fail.

    In a test that may not use the database, and in an event loop, one may not even ask.
    """
    try:
        return catch_up()
    except Exception as error:  # Each test runner forbids queries in its own way.
        logger.info("The models of this process are not brought up to date: %s", error)
        return None


def _current(using: str) -> Snapshot:
    """Let a transaction that is open go on when the first question fails, as before `migrate`."""
    if freshness.registry.snapshot.epoch is None and connections[using].in_atomic_block:
        with transaction.atomic(using):
            freshness.current(using)
    # Not the answer from inside of the block: what a test case reads there is not published.
    return freshness.current(using)
