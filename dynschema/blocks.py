"""`dynschema.atomic`: definitions and tables change together, with one plan at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema import freshness
from dynschema.exceptions import BrokenTransactionError
from dynschema.history import Token, read_epoch
from dynschema.loading import definitions_database
from dynschema.locking import held
from dynschema.marks import Marks

if TYPE_CHECKING:
    from dynschema.schema.plan import Plan


@dataclass
class Block:
    """The outermost `atomic` of a connection.

    Attributes:
        using: the alias of the database.
        actor: who changes the definitions, for the history.
        marks: the definitions touched and not yet synced.
        plans: what was carried out, in order; complete when the block has ended.
    """

    using: str
    actor: str = ""
    marks: Marks = field(default_factory=Marks)
    plans: list[Plan] = field(default_factory=list)
    token: Token | None = None
    """The epoch as read with the lock; None once the block itself may have moved it."""

    def mark(self, marks: Marks) -> None:
        """Remember which definitions were touched; their tables follow at the end, or sooner."""
        self.marks |= marks
        freshness.distrust(self.using)

    def sync(self) -> None:
        """Bring the tables of everything marked up to date now."""
        # Most processes change no table; to load all that this takes would double their start.
        from dynschema.sync import sync  # noqa: PLC0415

        if self.marks:
            token = self.token or read_epoch(self.using)
            marks, self.marks, self.token = self.marks, Marks(), None
            self.plans += sync(self.using, marks, token, self.actor)


_open: WeakKeyDictionary[BaseDatabaseWrapper, Block] = WeakKeyDictionary()


def open_block(using: str) -> Block | None:
    """Return the block that is open on the connection of this thread, if there is one."""
    return _open.get(transaction.get_connection(using))


@contextmanager
def atomic(
    using: str | None = None, actor: object = "", *, savepoint: bool = True
) -> Iterator[Block]:
    """Change definitions and their tables together.

    One transaction, and one plan when the outermost block ends, however many rows were saved in it.
    An exception rolls back rows, tables and classes. Blocks may be nested, in each other and in
    `transaction.atomic`.

    Args:
        using: the alias of the database; that of the definitions if left out.
        actor: who makes the change; its `str()` stands in the history.
        savepoint: as in `transaction.atomic`, for a block inside another.

    Yields:
        The block, whose `plans` tell what was done.

    Raises:
        DefinitionError: a definition cannot become a table.
        PlanError: the data would not survive.
        BusyError: somebody else is changing dynamic tables and does not come to an end.
    """
    using = using or definitions_database()
    outer = open_block(using)
    if outer is not None:
        with transaction.atomic(using, savepoint=savepoint):
            yield outer
        return
    is_clean = not transaction.get_connection(using).in_atomic_block
    with held(using) as token:
        block = Block(using, str(actor), token=token)
        # A new process loads its classes now, from rows that this block has not changed yet.
        freshness.at_epoch(using, token, is_clean=is_clean)
        with _opened(block):
            yield block
            _finish(block)
    freshness.settle(using)


@contextmanager
def _opened(block: Block) -> Iterator[None]:
    connection = transaction.get_connection(block.using)
    _open[connection] = block
    try:
        yield
    finally:
        del _open[connection]


def _finish(block: Block) -> None:
    if block.marks and transaction.get_connection(block.using).needs_rollback:
        raise BrokenTransactionError
    block.sync()
