"""Writes a dump, a table of contents: choose, count, write rows, write program, write manifest."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, DatabaseError, transaction
from django.db.models import Max

from dynschema.evolution.dumps.exceptions import IncompleteDumpError
from dynschema.evolution.dumps.folders import written_aside
from dynschema.evolution.dumps.manifest import SCRIPT, DataFile, Manifest, checksum
from dynschema.evolution.dumps.migrators import current_version
from dynschema.evolution.dumps.program import Written, named, program
from dynschema.evolution.dumps.reading import read_rows
from dynschema.evolution.dumps.recorded import DUMP, Tally, recorded
from dynschema.evolution.dumps.sequences import read_sequence
from dynschema.evolution.dumps.snapshots import snapshot_of
from dynschema.evolution.dumps.tables import choose_sources
from dynschema.evolution.models import Run
from dynschema.models import Change

logger = logging.getLogger(__name__)

ROWS_PER_FILE = 50_000
"""So that an editor opens every file."""
ROWS_PER_TICK = 1000
"""Between two signs of progress."""


@dataclass(frozen=True)
class Options:
    """How a dump is made."""

    using: str = DEFAULT_DB_ALIAS
    labels: Sequence[str] = ()
    """Of the models that are dumped; all when there are none."""
    overwrite: bool = False
    """A dump that is there is replaced."""
    tolerate: bool = False
    """A table that cannot be read is left out; the dump is not complete then."""
    rows_per_file: int = ROWS_PER_FILE


@dataclass
class _Dump:
    """One dump on its way."""

    folder: Path
    """Where it is written, aside."""
    target: Path
    options: Options
    tally: Tally
    manifest: Manifest = field(default_factory=lambda: Manifest(current_version()))


def dump(folder: Path, options: Options | None = None) -> Run:
    """Write all rows of a database, as they are at one moment, into a folder.

    Args:
        folder: is there only when the dump is whole.
        options: everything else.

    Returns:
        The run in the history.

    Raises:
        FolderExistsError: the folder is there.
        IncompleteDumpError: a table could not be read; the dump is there without it if that is
            tolerated.
        OpenTransactionError: a transaction is open.
    """
    options = options or Options()
    with recorded(DUMP, str(folder), options.using) as tally:
        with written_aside(folder, overwrite=options.overwrite) as aside:
            made = _Dump(aside, folder, options, tally)
            with snapshot_of(options.using):
                _write(made)
        if made.manifest.missing:
            raise IncompleteDumpError(
                folder=folder,
                reason=f"{', '.join(made.manifest.missing)} could not be read",
                remedy="It cannot be restored as it is; see restore.py.",
            )
        tally.finish()
    return tally.run


def _write(made: _Dump) -> None:
    using = made.options.using
    tables = named(choose_sources(using, made.options.labels))
    made.tally.expect(sum(_count(made, each) for each in tables))
    for each in tables:
        _write_table(made, each)
    text = program(tables, made.manifest.version, _epoch(using))
    (made.folder / SCRIPT).write_text(text, encoding="utf-8", newline="\n")
    made.manifest.write(made.folder)


def _count(made: _Dump, table: Written) -> int:
    with _tolerated(made, table):
        table.rows = table.source.rows(made.options.using).count()
    return table.rows


def _write_table(made: _Dump, table: Written) -> None:
    if table.source.table in made.manifest.missing:
        return
    using = made.options.using
    with _tolerated(made, table), closing(read_rows(table.source, using)) as rows:
        files = -(-table.rows // made.options.rows_per_file) or 1
        for number in range(1, files + 1):
            name = f"{table.name}.py" if files == 1 else f"{table.name}_{number}.py"
            _write_file(made, table, name, islice(rows, made.options.rows_per_file))
        if not table.source.is_partial:
            table.sequence = read_sequence(table.source.model, using)


def _write_file(made: _Dump, table: Written, name: str, rows: Iterator[str]) -> None:
    """Write one line for each row."""
    path, count = made.folder / name, 0
    names = ", ".join(each.attname for each in table.source.fields)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"# {table.source.label}: {names}\n")
        for values in rows:
            file.write(f"loader.save({table.function}({values}))\n")
            count += 1
            if count % ROWS_PER_TICK == 0:
                made.tally.add(ROWS_PER_TICK)
        file.write("loader.flush_deferred_objects()\n")
    made.tally.add(count % ROWS_PER_TICK)
    table.files.append(name)
    made.manifest.files.append(
        DataFile(name, table.variable, count, checksum(path), table.source.label)
    )


@contextmanager
def _tolerated(made: _Dump, table: Written) -> Iterator[None]:
    """Go on after an error of the database, if that is wanted; the dump is not complete then."""
    try:
        with transaction.atomic(made.options.using):
            yield
    except DatabaseError as error:
        if not made.options.tolerate:
            raise _unreadable(made, table, error) from error
        logger.warning("Table %s cannot be read: %s", table.source.table, error)
        made.manifest.missing.append(table.source.table)
        made.manifest.files = [each for each in made.manifest.files if each.table != table.variable]
        _write_notice(made, table)


def _unreadable(made: _Dump, table: Written, error: DatabaseError) -> IncompleteDumpError:
    cause = str(error).partition("\n")[0]
    return IncompleteDumpError(
        folder=made.target,
        reason=f"{table.source.table} could not be read ({cause}), so it was not written",
        remedy="Run manage.py migrate if something is missing; "
        "dump2py -t goes on without that table.",
    )


def _write_notice(made: _Dump, table: Written) -> None:
    """Leave a file that says, when it is executed, that its rows are missing."""
    message = f"The data of table {table.source.table} has not been dumped."
    table.files, table.was_read = [f"{table.name}.py"], False
    text = f"raise Exception({message!r})\n"
    (made.folder / table.files[0]).write_text(text, encoding="utf-8", newline="\n")


def _epoch(using: str) -> int:
    """Return the last epoch in the history; that of the database moves with every restore."""
    last: int | None = Change.objects.using(using).aggregate(last=Max("epoch"))["last"]
    return last or 0
