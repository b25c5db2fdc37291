"""Keeps the models of this process at the epoch of the database.

A request or a task asks once and then trusts the answer; code outside of them asks each time.
What a transaction changed itself is seen in that transaction alone, until it is committed.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any
from weakref import WeakKeyDictionary

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.dispatch import Signal

from dynschema import history
from dynschema.history import Token
from dynschema.loading import load, quarantine
from dynschema.runtime.registry import Registry, touched_keys
from dynschema.runtime.snapshot import Snapshot
from dynschema.signals import model_built

registry = Registry()
"""The models of this process."""


@dataclass(frozen=True)
class Scope:
    """A request or a task, as far as the code that asks has come in it."""

    checked: frozenset[str] = frozenset()
    """The databases whose epoch it has asked for."""
    is_over: Event = field(default_factory=Event)
    """Shared with all that goes on in copies of its context, and may go on after its end."""


_scope: ContextVar[Scope | None] = ContextVar("dynschema_scope", default=None)

_private: WeakKeyDictionary[BaseDatabaseWrapper, tuple[object, Snapshot]] = WeakKeyDictionary()
"""What a connection sees and the process does not, and the transaction in which that holds."""

snapshot_kept = Signal()
"""A transaction sees models that the process does not; sent with the `snapshot` of them all."""


def current(using: str) -> Snapshot:
    """Return the models as a transaction on this database sees them.

    No query within a request that has asked already; otherwise one, and more when the epoch moved.
    """
    snapshot = trusted(using) or at_epoch(using, history.read_epoch(using))
    scope = _open_scope()
    if scope is not None and _own(transaction.get_connection(using)) is None:
        _scope.set(replace(scope, checked=scope.checked | {using}))
    return snapshot


def trusted(using: str) -> Snapshot | None:
    """Return the models if this request or task has asked for the epoch already; never a query."""
    scope = _open_scope()
    return registry.snapshot if scope is not None and using in scope.checked else None


def distrust(using: str) -> None:
    """Ask again before the next class is handed out: this request is changing something itself."""
    scope = _open_scope()
    if scope is not None:
        _scope.set(replace(scope, checked=scope.checked - {using}))


def at_epoch(using: str, token: Token, *, is_clean: bool = False) -> Snapshot:
    """Return the models at the epoch that the transaction has just read.

    Args:
        using: the alias of the database.
        token: the epoch.
        is_clean: the transaction has not written anything yet.
    """
    connection = transaction.get_connection(using)
    if token == (registry.snapshot.epoch or Token()) and not quarantine:
        return registry.snapshot
    own = _own(connection)
    if own is not None and own.epoch == token:
        settle(using)
        return own
    base = registry.snapshot
    snapshot = load(using, base, token)
    if is_clean or is_settled(connection):
        return _publish(snapshot, base)
    # What this transaction reads may be its own changes, which can still be rolled back.
    _keep(connection, snapshot)
    return snapshot


def hold(using: str, snapshot: Snapshot) -> None:
    """Let this transaction see a snapshot now, and the whole process once it is committed."""
    connection = transaction.get_connection(using)
    _keep(connection, snapshot)
    distrust(using)
    transaction.on_commit(lambda: _publish_committed(connection, snapshot), using=using)


def settle(using: str) -> None:
    """Publish what a test case's transaction has seen, since that transaction never commits."""
    connection = transaction.get_connection(using)
    own = _own(connection)
    if own is not None and is_settled(connection):
        del _private[connection]
        _publish(own)


def is_settled(connection: BaseDatabaseWrapper) -> bool:
    """True outside of transactions, and in those that only a test case has opened."""
    blocks: list[Any] = connection.atomic_blocks
    return all(block._from_testcase for block in blocks)


def all_known() -> list[Snapshot]:
    """Return what each open transaction sees for itself, and last what the process sees; no query.

    Nothing, as long as nobody in this process has asked for a class.
    """
    connections = (each() for each in _private.keyrefs())  # Other threads may go on meanwhile.
    own = [_seen_by(each) for each in connections if each is not None]
    published = registry.snapshot if registry.snapshot.epoch else None
    return [each for each in (*own, published) if each is not None]


def start_scope() -> None:
    """Begin a request or a task: ask for the epoch once, then trust the answer."""
    _scope.set(Scope())


def end_scope() -> None:
    """End a request or a task, also for what it has started and what goes on without it."""
    scope = _scope.get()
    if scope is not None:
        scope.is_over.set()


def _open_scope() -> Scope | None:
    scope = _scope.get()
    return None if scope is None or scope.is_over.is_set() else scope


def _own(connection: BaseDatabaseWrapper) -> Snapshot | None:
    """Return what only this transaction sees; nothing once that transaction has ended."""
    snapshot = _seen_by(connection)
    if snapshot is None:
        _private.pop(connection, None)
    return snapshot


def _seen_by(connection: BaseDatabaseWrapper) -> Snapshot | None:
    """Tell the same, also of the connection of another thread."""
    outermost, snapshot = _private.get(connection, (None, None))
    return snapshot if outermost in connection.atomic_blocks[:1] else None


def _keep(connection: BaseDatabaseWrapper, snapshot: Snapshot) -> None:
    _private[connection] = connection.atomic_blocks[0], snapshot
    snapshot_kept.send(_keep, snapshot=snapshot)


def _publish_committed(connection: BaseDatabaseWrapper, snapshot: Snapshot) -> None:
    if _private.get(connection, (None, None))[1] is not snapshot:
        return  # A later change of the same transaction brings this one along.
    del _private[connection]
    published = registry.snapshot.epoch or Token()
    if published.number < snapshot.epoch.number:
        _publish(snapshot)


def _is_overtaken(snapshot: Snapshot, base: Snapshot) -> bool:
    """True when another thread has published something later while this one was loading."""
    published = registry.snapshot
    return published is not base and (published.epoch or Token()).number > snapshot.epoch.number


def _publish(snapshot: Snapshot, base: Snapshot | None = None) -> Snapshot:
    with registry.lock:
        if base is not None and _is_overtaken(snapshot, base):
            return registry.snapshot
        keys = touched_keys(registry.snapshot, snapshot) & snapshot.models.keys()
        published = registry.publish(snapshot)
    for key in keys:
        quarantine.pop(key, None)
        model_built.send(snapshot.models[key], key=key)
    return published
