"""The loader: takes the rows that data files give it and puts them into their tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from dynschema.evolution.dumps.clearing import clear
from dynschema.evolution.dumps.exceptions import UnloadableFileError
from dynschema.evolution.dumps.executing import Execute, line_of
from dynschema.evolution.dumps.inserting import clean, insert, insert_new, unfit, update
from dynschema.evolution.dumps.placeholders import DynamicModel
from dynschema.evolution.dumps.rebuilding import rebuild
from dynschema.evolution.dumps.recorded import Tally
from dynschema.evolution.dumps.retired import is_partial
from dynschema.evolution.dumps.sequences import write_sequence
from dynschema.exceptions import DynschemaError

ROWS_AT_A_TIME = 1000
CHARACTERS_AT_A_TIME = 5_000_000
"""Of texts and bytes, however few rows these are."""
TEXTS = (str, bytes)


class FlushDeferredObjects:
    """Given to `Loader.save` among rows, has what came before put into its table."""


class Loader:
    """What data files call: `save` with each row, and `flush_deferred_objects` at the end.

    Any object with these two methods can take its place in a script of your own.

    Attributes:
        using: the alias of the database.
        quick: rows are not validated.
        replaced: the models whose rows are all to come from the dump.
        retired: models for what no definition asks for any more.
        known: the labels of the models of the dump, as its site called them.
        names: the globals of restore.py.
    """

    def __init__(
        self, using: str = DEFAULT_DB_ALIAS, tally: Tally | None = None, *, quick: bool = False
    ) -> None:
        self.using = using
        self.quick = quick
        self.replaced: list[type[Model]] = []
        self.retired: list[type[Model]] = []
        self.known: set[str] = set()
        self.names: dict[str, Any] = {}
        self._tally = tally
        self._counted: set[type[Model]] = set()
        self._waiting: list[Model] = []
        self._weight = 0
        self._new: list[Model] = []
        self._unchecked: list[Model] = []

    def save(self, given: Any) -> None:
        """Take a row, or several: None, an instance, or anything that holds these."""
        if isinstance(given, Model):
            self._take(given)
        elif isinstance(given, FlushDeferredObjects) or given is FlushDeferredObjects:
            self.flush_deferred_objects()
        elif isinstance(given, Iterable):
            for each in given:
                self.save(each)
        elif given is not None:
            raise TypeError(f"{given!r} is no instance of a model.")

    def flush_deferred_objects(self) -> None:
        """Put the rows that were taken into their table."""
        rows, self._waiting, self._weight = self._waiting, [], 0
        if not rows:
            return
        if is_partial(type(rows[0])):
            for row in rows:
                update(row, self.using)
        else:
            insert(rows, self.using)
        if self._tally is not None:
            self._tally.add(len(rows))

    def build_tables(self, epoch: int = 0) -> None:
        """Give the definitions that were loaded their tables.

        Args:
            epoch: of the last change of a dynamic table that the dump knows.
        """
        self.flush_deferred_objects()
        rebuild(self.using, self.replaced, self.retired, epoch)
        for name, value in list(self.names.items()):
            if isinstance(value, DynamicModel):
                self.names[name] = found = value.resolved()
                if isinstance(found, type):
                    clear([found], self.using)  # It may have been retired, with its rows.
                    self.replaced.append(found)

    def write_sequence(self, model: Any, last: int) -> None:
        """Have the database count on after the last number that was given to a row."""
        self.flush_deferred_objects()
        if isinstance(model, type):
            self._counted.add(model)
            write_sequence(model, last, self.using)

    def settle_sequences(self) -> None:
        """Have the database count on after the rows of all other models."""
        for model in self.replaced:
            if model not in self._counted:
                write_sequence(model, 0, self.using)

    def finish(self) -> None:
        """Put into the tables what is not in them yet: rows without a number get a free one."""
        self.flush_deferred_objects()
        self.settle_sequences()
        rows, self._new = self._new, []
        for row in rows:
            insert_new(row, self.using)
        self._check_at_last()

    def execute(self, path: Path, execute: Execute) -> None:
        """Execute a data file.

        Raises:
            UnloadableFileError: a line of it cannot be executed.
        """
        try:
            execute(path)
        except DynschemaError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise UnloadableFileError(
                file=path.name, line=line_of(error, path), reason=reason
            ) from error

    def _take(self, row: Model) -> None:
        if self._waiting and type(row) is not type(self._waiting[0]):
            self.flush_deferred_objects()
        prepare = getattr(row, "before_dumpy_save", None)
        if prepare is not None:
            prepare(self)
        if not self.quick:
            self._check(row)
        if row.pk is None and row._meta.auto_field is not None:
            self._new.append(row)
            return
        self._waiting.append(row)
        self._weight += _characters(row)
        if len(self._waiting) >= ROWS_AT_A_TIME or self._weight >= CHARACTERS_AT_A_TIME:
            self.flush_deferred_objects()

    def _check(self, row: Model) -> None:
        """Validate a row; later, if its model looks for another row that is still to come."""
        row._state.db = self.using  # There its model looks for others.
        try:
            clean(row)
        except ObjectDoesNotExist:
            self.flush_deferred_objects()
            try:
                clean(row)
            except ObjectDoesNotExist:
                self._unchecked.append(row)

    def _check_at_last(self) -> None:
        rows, self._unchecked = self._unchecked, []
        for row in rows:
            try:
                clean(row)
            except ObjectDoesNotExist as error:
                raise unfit(row, str(error)) from error


def _characters(row: Model) -> int:
    count = 0
    for value in vars(row).values():  # A loop, since a generator takes three times as long.
        if isinstance(value, TEXTS):
            count += len(value)
    return count
