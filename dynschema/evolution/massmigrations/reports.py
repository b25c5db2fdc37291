"""Tells in lines of text how a mass migration stands on a database."""

from __future__ import annotations

from collections.abc import Iterator

from dynschema.evolution.massmigrations.loader import key_of
from dynschema.evolution.massmigrations.migrations import BaseMigration
from dynschema.evolution.massmigrations.records import MigrationRecord
from dynschema.evolution.models import Run
from dynschema.evolution.progress import progress_of

FAILURES_SHOWN = 10


def line_about(migration: BaseMigration, record: MigrationRecord) -> str:
    """Say it in one line, as `showmigrations` does."""
    mark = "X" if record.is_applied else " "
    faked = ", faked" if record.is_applied and record.was_faked else ""
    return f"[{mark}] {migration.key} on {record.database}: {record.in_words}{faked}"


def lines_about(migration: BaseMigration, record: MigrationRecord) -> str:
    """Say all that is known of it."""
    return "\n".join(_lines(migration, record))


def _lines(migration: BaseMigration, record: MigrationRecord) -> Iterator[str]:
    yield line_about(migration, record)
    if record.problem:
        yield f"    {record.problem}"
    if migration.description:
        yield f"    {migration.description.partition(chr(10))[0]}"
    for dependency in migration.dependencies:
        yield f"    after {key_of(dependency)}"
    if record.run is not None:
        yield from _lines_about(record.run)


def _lines_about(run: Run) -> Iterator[str]:
    yield f"    run {run.pk}, {progress_of(run)}"
    if run.errored_item:
        yield f"    stopped at {run.errored_item}"
    yield from (f"    {line}" for line in run.traceback.splitlines())
    for failure in run.failures.using(run.database)[:FAILURES_SHOWN]:
        yield f"    failed: {failure}"
    hidden = run.failed_count - FAILURES_SHOWN
    if hidden > 0:
        yield f"    and {hidden:,} more"
