"""Compares wanted, applied and actual of each table that a sync is about."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema import freshness
from dynschema.exceptions import CannotCompareError
from dynschema.gathering import gather
from dynschema.history import Token
from dynschema.marks import Marks
from dynschema.runtime.snapshot import Snapshot
from dynschema.schema.applied import Applied
from dynschema.schema.compare import current_columns
from dynschema.schema.dialects import dialect_of
from dynschema.schema.diff import Difference, diff
from dynschema.schema.spec import TableSpec
from dynschema.subjects import Subject, blamed


@dataclass
class Work:
    """What one sync is about."""

    connection: BaseDatabaseWrapper
    token: Token
    """The epoch before the change."""
    subjects: list[Subject]
    snapshot: Snapshot
    """The classes as they will be."""
    differences: dict[str, Difference]
    """By the key of the table."""
    trusting: bool = False
    """The tables were compared as this process saw them last."""


def compare(using: str, marks: Marks, token: Token, *, trusting: bool = False) -> Work:
    """Find out what separates the marked tables from what their definitions ask for.

    Args:
        using: the alias of the database, in the transaction of the sync.
        marks: the definitions that were touched.
        token: the epoch that the transaction sees.
        trusting: take what this process saw last for what is there, and do not look.

    Raises:
        DefinitionError: a definition cannot become a table.
        PlanError: a definition asks for a change that has no operation.
    """
    connection = connections[using]
    base = freshness.at_epoch(using, token)
    subjects, snapshot = gather(connection, marks, base, trusting=trusting)
    with blamed(subjects):
        differences = {each.key: _difference(connection, each, subjects) for each in subjects}
    return Work(connection, token, subjects, snapshot, differences, trusting)


def _difference(
    connection: BaseDatabaseWrapper, subject: Subject, subjects: list[Subject]
) -> Difference:
    return diff(
        subject.wanted, _spelled(connection, subject, subjects), subject.actual, subject.applied
    )


def _spelled(
    connection: BaseDatabaseWrapper, subject: Subject, subjects: list[Subject]
) -> TableSpec | None:
    """Return the wanted table as the server would spell it under the names that are there now."""
    if subject.wanted is None or subject.applied is None or subject.actual is None:
        return None
    tables = {
        each.build.db_table: each.applied.name for each in subjects if each.build and each.applied
    }
    columns = current_columns(subject.wanted, subject.applied)
    wanted = subject.wanted.renamed(subject.actual.name, columns).pointing(tables)
    return normal_of(connection, wanted, subject.applied)


def normal_of(
    connection: BaseDatabaseWrapper, wanted: TableSpec, applied: Applied | None
) -> TableSpec | None:
    """Return a wanted table in the spelling of the server; None when it cannot be had."""
    known = [(applied.wanted, applied.actual)] if applied else []
    try:
        return dialect_of(connection).normal(connection, wanted, known)
    except CannotCompareError:
        return None  # The comparison answers "cannot tell", and says so in the plan.
