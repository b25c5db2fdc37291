"""Notices saved and deleted definitions and marks their table.

`post_save` comes after the row was committed when no transaction is open, too late for a promise
that rows and tables change together; so saving and deleting one definition is wrapped in a block
of its own. The wrapper may go when Django sends a signal inside the transaction of a save.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

from django.db import router, transaction
from django.db.models import Model
from django.db.models.signals import class_prepared, post_delete, post_save, pre_delete

from dynschema.blocks import atomic, open_block
from dynschema.definitions import Describes, database_of, key_as_read
from dynschema.marks import Marks
from dynschema.recording import renumber


def watch(blueprint: Describes) -> None:
    """Notice from now on what happens to the definitions of a blueprint."""
    watchers = [_Watcher(blueprint, blueprint.definition, "pk")]
    if blueprint.field_definition is not None:
        watchers.append(_Watcher(blueprint, blueprint.field_definition, blueprint.definition_link))
    for watcher in watchers:
        watcher.wrap()
        watcher.listen()


class _Watcher:
    """Marks the definition that a row is, or is part of."""

    def __init__(self, blueprint: Describes, model: type[Model], link: str) -> None:
        self.blueprint = blueprint
        self.model = model
        self.link = link

    def marks_of(self, row: Model, *, is_new: bool = False) -> Marks:
        may_have_moved = self.model is self.blueprint.field_definition and not is_new
        keys = [self.blueprint.key(row)] if may_have_moved else []
        pk = key_as_read(self.blueprint.definition, row.serializable_value(self.link))
        return Marks.of(self.blueprint.label, pk, *keys)

    def concerns(self, using: str) -> bool:
        """Tables are made where the blueprint's definitions live, and nowhere else."""
        return using == database_of(self.blueprint)

    def wrap(self) -> None:
        """Let the saving and the deleting of one row be a block."""
        model: Any = self.model
        save_base, delete = model.save_base, model.delete

        @wraps(save_base)
        def saved(row: Model, *args: Any, using: str | None = None, **options: Any) -> None:
            using = using or router.db_for_write(type(row), instance=row)
            if not self.concerns(using):
                save_base(row, *args, using=using, **options)
                return
            with _as_before_on_error(row), atomic(using, savepoint=False) as block:
                is_new = row._state.adding and row.pk is None
                if row.serializable_value(self.link) is not None:
                    # Receivers of the save may ask for the class as it is going to be.
                    block.mark(self.marks_of(row, is_new=is_new))
                save_base(row, *args, using=using, **options)
                block.mark(self.marks_of(row, is_new=is_new))

        @wraps(delete)
        def deleted(row: Model, using: str | None = None, **options: Any) -> Any:
            using = using or router.db_for_write(type(row), instance=row)
            if not self.concerns(using):
                return delete(row, using=using, **options)
            with _as_before_on_error(row), atomic(using, savepoint=False):
                return delete(row, using=using, **options)

        model.save_base, model.delete = saved, deleted

    def listen(self) -> None:
        """Hear of what goes past the methods of the row: fixtures, cascades, querysets."""
        class_prepared.connect(self._prepared, weak=False)
        for sender in (self.model, *_proxies(self.model)):
            self._listen_to(sender)

    def _listen_to(self, sender: type[Model]) -> None:
        post_save.connect(self.loaded, sender=sender, weak=False)
        pre_delete.connect(self.deleting, sender=sender, weak=False)
        post_delete.connect(self.deleted, sender=sender, weak=False)

    def _prepared(self, sender: type[Model], **_: Any) -> None:
        """Django names the proxy as the sender when a row was read through one."""
        if sender._meta.proxy and issubclass(sender, self.model):
            self._listen_to(sender)

    def loaded(self, instance: Model, using: str, *, raw: bool = False, **_: Any) -> None:
        """A fixture was loaded, which goes past `save_base` of the class."""
        if raw and self.concerns(using):
            with atomic(using) as block:
                renumber(using)
                block.mark(self.marks_of(instance))

    def deleting(self, instance: Model, using: str, **_: Any) -> None:
        """Rows are about to be deleted; Django announces all of them before the first goes."""
        if not self.concerns(using):
            return
        instance.serializable_value(self.link)  # One that is deferred cannot be loaded later.
        if open_block(using) is None:
            _Deletion.of(using).announce()

    def deleted(self, instance: Model, using: str, **_: Any) -> None:
        """A row was deleted."""
        if not self.concerns(using):
            return
        block = open_block(using)
        if block is not None:
            block.mark(self.marks_of(instance))
            return
        deletion = _Deletion.of(using)
        deletion.marks |= self.marks_of(instance)
        deletion.count_down()


class _Deletion:
    """The rows that one `QuerySet.delete()` takes away: one plan after the last of them."""

    _under_way: WeakKeyDictionary[transaction.Atomic, _Deletion] = WeakKeyDictionary()

    def __init__(self, using: str) -> None:
        self.using = using
        self.marks = Marks()
        self.waiting = 0

    @classmethod
    def of(cls, using: str) -> _Deletion:
        """Return the deletion that Django's collector has opened a transaction for."""
        opened = transaction.get_connection(using).atomic_blocks[-1]
        return cls._under_way.setdefault(opened, cls(using))

    def announce(self) -> None:
        """Count a row; the first one takes the lock, before anything is written."""
        if not self.waiting:
            with atomic(self.using):
                pass
        self.waiting += 1

    def count_down(self) -> None:
        """Count a row that is gone; after the last one the tables follow."""
        self.waiting -= 1
        if not self.waiting:
            marks, self.marks = self.marks, Marks()
            with atomic(self.using) as block:
                block.mark(marks)


def _proxies(model: type[Model]) -> Iterator[type[Model]]:
    for each in model.__subclasses__():
        if each._meta.proxy:
            yield each
            yield from _proxies(each)


@contextmanager
def _as_before_on_error(row: Model) -> Iterator[None]:
    """Let a row be new again when it could not be saved, and have its key when it stays."""
    pk, adding = row.pk, row._state.adding
    try:
        yield
    except BaseException:
        row.pk, row._state.adding = pk, adding
        raise
