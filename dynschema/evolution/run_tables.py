"""Says which databases have a table for runs, and turns a missing one into an error."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, OperationalError, ProgrammingError, connections, router

from dynschema.evolution.exceptions import NoRunTableError
from dynschema.evolution.models import Run

logger = logging.getLogger(__name__)


def databases_for_runs() -> list[str]:
    """Return the aliases in which the routers allow runs; `migrate` may not have been there yet."""
    return [alias for alias in connections if router.allow_migrate_model(alias, Run)]


def databases_with_runs() -> list[str]:
    """Return the aliases in which there is a table for runs; what cannot be reached has none."""
    return [alias for alias in databases_for_runs() if _is_reached_and_has_table(alias)]


@contextmanager
def run_table_expected(using: str) -> Iterator[None]:
    """Say it when a statement failed because there is no table for runs.

    Raises:
        NoRunTableError: that is why.
    """
    try:
        yield
    except (OperationalError, ProgrammingError) as error:
        if _has_table(using):
            raise
        raise NoRunTableError(using=using) from error


def _is_reached_and_has_table(using: str) -> bool:
    try:
        return _has_table(using)
    except Error:
        logger.exception("Database %s cannot be asked for runs; the others go on.", using)
        return False


def _has_table(using: str) -> bool:
    return Run._meta.db_table in connections[using].introspection.table_names()
