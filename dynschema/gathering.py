"""Gathers what is known of each table that a sync is about: wanted, applied and actual."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from dynschema import drafts, history
from dynschema.conf import configuration
from dynschema.definitions import Draft, draft, read_definitions
from dynschema.exceptions import (
    DefinitionError,
    InvalidDefinitionError,
    NameTakenError,
    StillNeededError,
    TableExistsError,
)
from dynschema.loading import blueprints
from dynschema.marks import Marks
from dynschema.runtime.field_checks import check_fields
from dynschema.runtime.registry import evolve
from dynschema.runtime.snapshot import Snapshot
from dynschema.schema.applied import Applied
from dynschema.schema.dialects import dialect_of
from dynschema.schema.naming import choose, shorten
from dynschema.schema.rendering import render_table
from dynschema.schema.spec import TableSpec
from dynschema.subjects import Subject, blamed

UNFIT = (FieldDoesNotExist, FieldError, TypeError, ValidationError, ValueError)
"""What Django raises for an index or a constraint that its fields do not fit."""

NAME_CUT = 40
"""Characters that a readable name and all that may be chosen in its place have in common."""


def gather(
    connection: BaseDatabaseWrapper, marks: Marks, base: Snapshot, *, trusting: bool = False
) -> tuple[list[Subject], Snapshot]:
    """Return all that is known of the marked tables, by key, and the classes that they ask for.

    Args:
        connection: inside the transaction of the sync.
        marks: what was touched; tables whose relations must follow are gathered as well.
        base: the models before the change.
        trusting: take what this process saw last for what is there, and do not look.

    Raises:
        DefinitionError: a definition cannot become a table.
    """
    subjects = _read(connection.alias, marks, base)
    followers = _followers(subjects, base)
    if not followers:
        return subjects, _complete(connection, subjects, base, trusting=trusting)
    applied = history.read_applied(connection.alias, history.keyed(followers))
    marks |= Marks(frozenset(_by_definition(applied)))
    with _needed_by_others(subjects):
        subjects = _read(connection.alias, marks, base)
        return subjects, _complete(connection, subjects, base, trusting=trusting)


def _complete(
    connection: BaseDatabaseWrapper, subjects: list[Subject], base: Snapshot, *, trusting: bool
) -> Snapshot:
    _observe(connection, subjects, trusting=trusting)
    _name(connection, subjects)
    return _build(connection, subjects, base)


def _read(using: str, marks: Marks, base: Snapshot) -> list[Subject]:
    applied = _applied(using, marks, base)
    drafted = _drafts(using, marks.definitions | applied.keys())
    subjects = (
        _subject(drafted.get(each), applied.get(each)) for each in drafted.keys() | applied.keys()
    )
    return sorted(subjects, key=lambda each: each.key)


def _applied(using: str, marks: Marks, base: Snapshot) -> dict[tuple[str, str], Applied]:
    """Return the tables of the marked definitions as the history knows them, by definition.

    A table whose blueprint is not in the code any more is left alone.
    """
    applied = {each: base.notes[each] for each in marks.definitions & base.notes.keys()}
    missing = marks.definitions - applied.keys()
    if missing:
        applied |= history.read_applied_to(using, missing)
    elsewhere = marks.field_keys.difference(*(each.live_keys for each in applied.values()))
    if elsewhere:
        # A field definition has moved here: the table that it comes from changes as well.
        found = history.read_applied(using, history.using_fields(elsewhere))
        applied = _by_definition(found) | applied
    return {each: known for each, known in applied.items() if each[0] in blueprints}


def _by_definition(found: Mapping[str, Applied]) -> dict[tuple[str, str], Applied]:
    return {(each.blueprint, each.definition): each for each in found.values()}


def _drafts(using: str, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Draft]:
    pks = defaultdict(set)
    for label, pk in wanted:
        pks[label].add(pk)
    return {
        (label, str(definition.pk)): draft(blueprints[label], definition, parts)
        for label in pks
        for definition, parts in read_definitions(blueprints[label], using, pks[label])
    }


def _subject(drafted: Draft | None, applied: Applied | None) -> Subject:
    key = drafted.key if drafted else applied.key if applied else ""
    return Subject(key, drafted, applied)


def _followers(subjects: list[Subject], base: Snapshot) -> set[str]:
    """Return the keys of other models that point to one whose name changes, or to a field of it."""
    keys = {each.key for each in subjects}
    moving = {each.key for each in subjects if each.is_moving}
    pointing = {each for key in keys for each in base.pointing_to_fields_of(key)}
    return (base.dependents(moving) | pointing) - keys


@contextmanager
def _needed_by_others(moving: list[Subject]) -> Iterator[None]:
    """Say so when the row at fault is not one that was touched, but one that refers to it."""
    touched = [each.draft.definition for each in moving if each.draft]
    names = [each.applied.model_name for each in moving if each.applied]
    try:
        yield
    except DefinitionError as error:
        row = error.definition
        if row is None or any(row in each.rows for each in moving):
            raise
        raise StillNeededError(
            model=", ".join(names),
            dependent=f'the {row._meta.verbose_name} "{row}"',
            reason=error.message,
            definition=next(iter(touched), row),
        ) from error


def _observe(connection: BaseDatabaseWrapper, subjects: list[Subject], *, trusting: bool) -> None:
    """Give each table as it was seen last where that is trusted, and as the catalog shows it."""
    for each in subjects:
        each.actual = each.applied.seen if each.applied and trusting else None
    unseen = [each for each in subjects if each.applied and not each.actual]
    read_actual(connection, {each.applied.name: each for each in unseen if each.applied})


def read_actual(connection: BaseDatabaseWrapper, subjects: Mapping[str, Subject]) -> None:
    """Look the tables up in the catalog, by the names that they have now."""
    tables = dialect_of(connection).read_tables(connection, subjects) if subjects else {}
    for name, each in subjects.items():
        each.actual = tables.get(name)


# Names in the database


def _name(connection: BaseDatabaseWrapper, subjects: list[Subject]) -> None:
    tables = _choose_tables(connection, subjects)
    for each in subjects:
        if each.draft is not None:
            unknown = _unknown_columns(each)
            columns = drafts.choose_columns(each.draft, each.applied, unknown)
            each.build = drafts.build(each.draft, tables[each.key], columns)


def _unknown_columns(subject: Subject) -> set[str]:
    """Return the columns, in lower case, that no field ever had."""
    if subject.actual is None or subject.applied is None:
        return set()
    return {each.name.lower() for each in subject.actual.fields} - subject.applied.owners.keys()


def _choose_tables(connection: BaseDatabaseWrapper, subjects: list[Subject]) -> dict[str, str]:
    """Return the name of each wanted table by key; only a new name costs queries."""
    chosen: dict[str, str] = {}
    for each in subjects:
        if each.draft is None:
            continue
        readable = each.draft.readable_table
        if each.applied and each.actual and _keeps_name(each.applied, readable):
            chosen[each.key] = each.applied.name
        else:
            owners = _table_owners(connection, readable) | _reversed(chosen)
            chosen[each.key] = _claim(each.draft, readable, owners)
    return chosen


def _reversed(chosen: Mapping[str, str]) -> dict[str, str | None]:
    return {name.lower(): key for key, name in chosen.items()}


def _keeps_name(applied: Applied, readable: str) -> bool:
    return configuration().column_names == "stable" or applied.name == shorten(readable)


def _table_owners(connection: BaseDatabaseWrapper, readable: str) -> dict[str, str | None]:
    """Return whose the names like this one are or were; None for those that we did not make."""
    prefix = readable[:NAME_CUT]
    present = dialect_of(connection).read_names(connection, prefix)
    unknown: dict[str, str | None] = dict.fromkeys(present)
    return unknown | history.table_owners(connection.alias, prefix)


def _claim(drafted: Draft, readable: str, owners: Mapping[str, str | None]) -> str:
    name = choose(readable, drafted.key, owners)
    if drafted.db_table is None or name == readable:
        return name
    owner = owners.get(readable.lower())
    facts = {"key": drafted.key, "definition": drafted.definition}
    if owner is None:
        raise TableExistsError(table=readable, **facts)
    raise NameTakenError(name=readable, owner=f"the table of {owner}", **facts)


# Classes


def _build(connection: BaseDatabaseWrapper, subjects: list[Subject], base: Snapshot) -> Snapshot:
    """Generate the classes and render the tables that they want."""
    builds = {each.key: each.build for each in subjects if each.build}
    with blamed(subjects):
        snapshot = evolve(base, builds, [each.key for each in subjects if each.build is None])
    for each in subjects:
        if each.build is not None:
            with blamed(subjects):
                each.wanted = _rendered(connection, snapshot.models[each.key], each)
    return snapshot


def _rendered(
    connection: BaseDatabaseWrapper, model: type[Model], subject: Subject
) -> TableSpec | None:
    """Return the table that a class wants.

    Raises:
        InvalidDefinitionError: an expression or an option names a field that is not there, or
            compares one with what it cannot hold.
    """
    keys = subject.build.keys if subject.build else {}
    try:
        check_fields(model, keys, connection.alias)
        return render_table(connection, model, subject.key, keys)
    except UNFIT as error:
        why = " ".join(getattr(error, "messages", [str(error)])).rstrip(".")
        raise InvalidDefinitionError(reason=f"{why}.", key=subject.key) from error
