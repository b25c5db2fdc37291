"""Keeps code from running before the mass migrations that it requires are applied."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from inspect import iscoroutinefunction
from time import monotonic
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models.signals import post_delete
from django.http import HttpResponse
from django.test.utils import _TestState

from dynschema.evolution.callables import path_of
from dynschema.evolution.contexts import current_context
from dynschema.evolution.exceptions import NoRunTableError
from dynschema.evolution.massmigrations.exceptions import (
    DbAliasNotAllowed,
    RequiredMigrationNotApplied,
)
from dynschema.evolution.massmigrations.loader import Identifier, find, key_of
from dynschema.evolution.massmigrations.records import record_of
from dynschema.evolution.models import Run

logger = logging.getLogger(__name__)

REMEMBERED_SECONDS = 60.0
"""For how long a process need not ask again about what it has seen applied."""

REFUSAL = "This resource requires data changes which have not yet been made."

Function = Callable[..., Any]

_seen_applied: dict[tuple[str, str, str], float] = {}
"""When, by migration, database and context."""


@dataclass(frozen=True)
class Requirement:
    """What must be applied where before a function may be called, and what happens otherwise."""

    identifier: Identifier
    db_aliases: Sequence[str]
    """Empty: all on which the migration may be run."""
    is_view: bool
    skip_in_tests: bool
    retry_after_seconds: int

    def refusal(self, function: str) -> HttpResponse | None:
        """Return what a view answers instead of being called; None when all is well."""
        try:
            self.check(function)
        except RequiredMigrationNotApplied as error:
            if not self.is_view:
                raise
            logger.warning("%s", error)
            headers = {"Retry-After": self.retry_after_seconds}
            return HttpResponse(REFUSAL, status=503, headers=headers)
        return None

    def check(self, function: str) -> None:
        """Make sure that the migration is applied.

        Raises:
            DbAliasNotAllowed: it never runs on one of these databases.
            RequiredMigrationNotApplied: it is not.
            UnknownMigrationError: there is no such migration.
        """
        key = key_of(self.identifier)
        aliases = self._aliases(function)
        if self.skip_in_tests and in_tests():
            return
        for alias in aliases:
            if not migration_is_applied(key, alias):
                raise RequiredMigrationNotApplied(function=function, name=key, using=alias)

    def _aliases(self, function: str) -> Sequence[str]:
        allowed = find(self.identifier).get_allowed_db_aliases()
        for alias in self.db_aliases:
            if alias not in allowed:
                known = ", ".join(allowed)
                raise DbAliasNotAllowed(subject=function, using=alias, known=known)
        return self.db_aliases or allowed

    def guarded(self, function: Function) -> Function:
        """Return a function that is called only when the migration is applied."""
        path = path_of(function)

        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            return self.refusal(path) or function(*args, **kwargs)

        @wraps(function)
        async def call_async(*args: Any, **kwargs: Any) -> Any:
            return await sync_to_async(self.refusal)(path) or await function(*args, **kwargs)

        return call_async if iscoroutinefunction(function) else call


def requires_migration(
    migration_identifier: Identifier,
    db_aliases: Sequence[str] = (),
    is_view: bool = False,
    skip_in_tests: bool = True,
    retry_after_seconds: int = 60,
) -> Callable[[Function], Function]:
    """Let a function, also an asynchronous one, be called only when a migration is applied.

    Otherwise a call raises `RequiredMigrationNotApplied`; `UnknownMigrationError` when there is no
    such migration, `DbAliasNotAllowed` when it never runs on one of the databases.

    Args:
        migration_identifier: `"app:name"` or `("app", "name")`.
        db_aliases: where it must be applied; by default on all databases on which it may run.
        is_view: answer with 503 instead of raising.
        skip_in_tests: do not look while tests run; their databases are new.
        retry_after_seconds: what the 503 says about when to come again.
    """
    return Requirement(
        migration_identifier, db_aliases, is_view, skip_in_tests, retry_after_seconds
    ).guarded


def view_requires_migration(
    migration_identifier: Identifier,
    db_aliases: Sequence[str] = (),
    skip_in_tests: bool = True,
    retry_after_seconds: int = 60,
) -> Callable[[Function], Function]:
    """Have a view answer with 503 and `Retry-After` until a migration is applied.

    The arguments are those of `requires_migration`.
    """
    return requires_migration(
        migration_identifier,
        db_aliases,
        is_view=True,
        skip_in_tests=skip_in_tests,
        retry_after_seconds=retry_after_seconds,
    )


def migration_is_applied(migration_identifier: Identifier, db_alias: str) -> bool:
    """Tell whether a migration is applied; that it is may be known from a minute ago."""
    key = key_of(migration_identifier)
    # Each tenant has runs of its own.
    place = (key, db_alias, json.dumps(current_context(), sort_keys=True))
    seen = _seen_applied.get(place)
    if seen is not None and monotonic() - seen < REMEMBERED_SECONDS:
        return True
    try:
        is_applied = record_of(key, db_alias).is_applied
    except NoRunTableError:
        return False
    if is_applied and not in_tests():
        _seen_applied[place] = monotonic()
    return is_applied


def in_tests() -> bool:
    """Tell whether Django's test environment is set up, by whatever runs the tests."""
    # Django has no public way to ask; it looks there itself to refuse a second set-up.
    return hasattr(_TestState, "saved_data")


def _forget(**_: Any) -> None:
    _seen_applied.clear()


post_delete.connect(_forget, sender=Run)
