"""Gathers what is known of each table with injected fields: wanted, applied and actual."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from itertools import chain, count

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema import history
from dynschema.evolution.inject.claims import claim_columns, released
from dynschema.evolution.inject.hosts import Host, wanted_hosts
from dynschema.evolution.inject.lost_targets import in_use, out_of_use, returned
from dynschema.evolution.inject.subjects import Subject
from dynschema.schema.applied import Applied
from dynschema.schema.dialects import dialect_of
from dynschema.schema.spec import TableSpec


def gather(connection: BaseDatabaseWrapper) -> list[Subject]:
    """Return what is known of each table that has, had or should have injected fields.

    A field waits for its own table and for the one that it refers to: both may be made later.
    Meanwhile a table between two models is retired, since it would stand in the way of deletions.

    Raises:
        ColumnTakenError: the column of an injected field belongs to somebody else.
    """
    stored = history.read_hosts(connection.alias)
    applied = {key: in_use(each) for key, each in stored.items()}
    hosts = list(wanted_hosts(connection.alias))
    names = {each.table for each in hosts} | {each.name for each in applied.values()}
    names |= {target for each in hosts for target in each.targets}
    tables = dialect_of(connection).read_tables(connection, names) if names else {}
    subjects, used, waiting = [], frozenset(applied), {}
    for host in hosts:
        before = _history_of(host, applied, tables)
        if before is not None:
            del applied[before.key]
        else:
            host = replace(host, key=_free_key(host.key, used))
        if _can_be(host, tables):
            subjects.append(_wanted(connection, _ready(host, tables), before, tables))
        elif before is not None:
            waiting[before.key] = before
    subjects += _unwanted(connection, {**applied, **waiting}, tables)
    _remind(connection, subjects, stored)
    return sorted(subjects, key=lambda each: each.key)


def _remind(
    connection: BaseDatabaseWrapper, subjects: list[Subject], stored: Mapping[str, Applied]
) -> None:
    """Let them know to what columns referred that were not in use."""
    present = set(connection.introspection.table_names())
    for each in subjects:
        each.former = out_of_use(stored[each.key]) if each.key in stored else ()
        each.returned = returned(each.former, present)


def _can_be(host: Host, tables: Mapping[str, TableSpec]) -> bool:
    """True when there is the table of the app, or all that a table of ours refers to."""
    return host.targets <= tables.keys() if host.is_own else host.table in tables


def _history_of(
    host: Host, applied: Mapping[str, Applied], tables: Mapping[str, TableSpec]
) -> Applied | None:
    """Find the table in the history, where its model may have had another name."""
    same_name = (each for each in applied.values() if each.name == host.table)
    if found := next(same_name, None):
        return found
    keys = {each.key for each in host.injections.values()}
    gone = [each for each in applied.values() if host.is_own or each.name not in tables]
    same_key = (each for each in gone if each.key == host.key)
    moved = (each for each in gone if keys & each.by_key.keys())
    return next(same_key, None) or next(moved, None)


def _free_key(key: str, used: Container[str]) -> str:
    """Return the key, or a like one when the table of a renamed model goes on having it."""
    return next(each for each in chain([key], (f"{key}:{n}" for n in count(2))) if each not in used)


def _ready(host: Host, tables: Mapping[str, TableSpec]) -> Host:
    """Leave out the columns that refer to tables which are not there yet."""
    waiting = {
        column
        for each in host.wanted.constraints
        if each.references and each.references.table not in {*tables, host.table}
        for column in each.columns
    }
    fields = tuple(each for each in host.wanted.fields if each.name not in waiting)
    constraints = tuple(
        each for each in host.wanted.constraints if not waiting.intersection(each.columns)
    )
    return replace(host, wanted=replace(host.wanted, fields=fields, constraints=constraints))


def _wanted(
    connection: BaseDatabaseWrapper,
    host: Host,
    before: Applied | None,
    tables: Mapping[str, TableSpec],
) -> Subject:
    actual = tables.get(host.table)
    if host.is_own and before is not None:
        actual = tables.get(before.name)
    key = before.key if before else host.key
    names = {column: each.name for column, each in host.injections.items()}
    wanted = replace(host.wanted, key=key)
    subject = Subject(connection, key, host.label, wanted, before, before, host.is_own, names)
    if actual is not None:
        known = replace(before or subject.blank(), name=actual.name, model_name=subject.model_name)
        subject.applied = known if host.is_own else released(known)
        claim_columns(subject, host, actual)
        subject.actual = subject.ours(actual)
    return subject


def _unwanted(
    connection: BaseDatabaseWrapper, applied: Mapping[str, Applied], tables: Mapping[str, TableSpec]
) -> Iterator[Subject]:
    """Yield the tables for which there is no injection any more; one that is gone is left alone."""
    for before in applied.values():
        actual = tables.get(before.name)
        if actual is None or not before.live:
            continue
        is_own = not before.definition
        wanted = None if is_own else TableSpec(before.name, (), key=before.key)
        known = before if is_own else released(before)
        subject = Subject(connection, before.key, before.model_name, wanted, known, before, is_own)
        subject.actual = subject.ours(actual)
        yield subject
