"""Gathers what is known of each table that a sync is about: wanted, applied and actual."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from dynschema import drafts, history
from dynschema.conf import configuration
from dynschema.definitions import Draft, draft, read_definitions
from dynschema.exceptions import DynschemaError, NameTakenError, TableExistsError
from dynschema.loading import blueprints
from dynschema.runtime.build import Build
from dynschema.runtime.registry import evolve
from dynschema.runtime.snapshot import Snapshot
from dynschema.schema.applied import Applied, AppliedField
from dynschema.schema.dialects import dialect_of
from dynschema.schema.naming import choose, shorten
from dynschema.schema.rendering import render_table
from dynschema.schema.spec import TableSpec


@dataclass
class Marks:
    """Which definitions were touched: a key and nothing else, since a sync reads them anew."""

    definitions: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Primary keys as text, by the label of the blueprint."""
    field_keys: set[str] = field(default_factory=set)
    """Field definitions, which may have been part of another definition before."""

    def __bool__(self) -> bool:
        return bool(self.definitions)

    def add(self, label: str, pk: object, field_key: str | None = None) -> None:
        """Mark a definition, because of one of its field definitions if there is a `field_key`."""
        self.definitions[label].add(str(pk))
        if field_key is not None:
            self.field_keys.add(field_key)


@dataclass
class Subject:
    """One table on its way through a sync."""

    key: str
    draft: Draft | None
    """None when the definition is gone."""
    applied: Applied | None
    """None when the table is new."""
    actual: TableSpec | None = None
    build: Build | None = None
    wanted: TableSpec | None = None

    @property
    def is_moving(self) -> bool:
        """True when others must look for the model under another name, or in vain."""
        if self.applied is None or not self.applied.live:
            return False
        return self.draft is None or self.draft.model_name != self.applied.model_name

    @property
    def differs(self) -> bool:
        """True when the class, or whether there is one, is not what the history says."""
        if self.applied is None or self.build is None:
            return self.applied is None or self.applied.live
        return not self.applied.live or drafts.class_print(self.build) != self.applied.class_print

    @property
    def table(self) -> str:
        """The table's name after the sync."""
        if self.build is not None:
            return self.build.db_table
        return self.applied.name if self.applied else ""

    @property
    def described(self) -> str:
        """The definition in words."""
        if self.draft is None:
            return f"{self.key} (gone)"
        return f'{self.draft.definition._meta.verbose_name} "{self.draft.definition}"'


def gather(
    connection: BaseDatabaseWrapper, marks: Marks, base: Snapshot
) -> tuple[list[Subject], Snapshot]:
    """Return all that is known of the marked tables, sorted by key, and the classes that they ask for.

    Args:
        connection: inside the transaction of the sync.
        marks: what was touched; tables whose relations must follow are gathered as well.
        base: the models before the change.

    Raises:
        DefinitionError: a definition cannot become a table.
    """
    subjects = _read(connection.alias, marks)
    followers = _followers(subjects, base)
    if followers:
        for applied in history.read_applied(connection.alias, history.keyed(followers)).values():
            marks.add(applied.blueprint, applied.definition)
        subjects = _read(connection.alias, marks)
    _observe(connection, subjects)
    _name(connection, subjects)
    return subjects, _build(connection, subjects, base)


def _read(using: str, marks: Marks) -> list[Subject]:
    found = history.read_applied(using, history.about(marks.definitions, marks.field_keys))
    applied = {(each.blueprint, each.definition): each for each in found.values()}
    wanted = {(label, pk) for label, pks in marks.definitions.items() for pk in pks}
    drafted = _drafts(using, wanted | applied.keys())
    subjects = (
        _subject(drafted.get(each), applied.get(each)) for each in drafted.keys() | applied.keys()
    )
    return sorted(subjects, key=lambda each: each.key)


def _drafts(using: str, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Draft]:
    pks = defaultdict(set)
    for label, pk in wanted:
        if label in blueprints:
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
    """Return the keys of other models that point to one whose name changes."""
    moving = {each.key for each in subjects if each.is_moving}
    return base.dependents(moving) - {each.key for each in subjects}


def _observe(connection: BaseDatabaseWrapper, subjects: list[Subject]) -> None:
    names = [each.applied.name for each in subjects if each.applied]
    tables = dialect_of(connection).read_tables(connection, names) if names else {}
    for each in subjects:
        each.actual = tables.get(each.applied.name) if each.applied else None


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
    owners: dict[str, str | None] = {}
    for each in subjects:
        if each.draft is None:
            continue
        readable = each.draft.db_table or _readable_table(each.draft)
        if each.applied and each.actual and _keeps_name(each.applied, readable):
            chosen[each.key] = each.applied.name
        else:
            owners = owners or _table_owners(connection)
            chosen[each.key] = _claim(each.draft, readable, owners)
            owners[chosen[each.key].lower()] = each.key
    return chosen


def _readable_table(drafted: Draft) -> str:
    return f"{drafted.blueprint.app_label}_{drafted.model_name.lower()}"


def _keeps_name(applied: Applied, readable: str) -> bool:
    return configuration().column_names == "stable" or applied.name == shorten(readable)


def _table_owners(connection: BaseDatabaseWrapper) -> dict[str, str | None]:
    """Return whose each name of a table is or was; None for those that we did not make."""
    with connection.cursor() as cursor:
        present = connection.introspection.table_names(cursor, include_views=True)
    unknown: dict[str, str | None] = dict.fromkeys(name.lower() for name in present)
    return unknown | history.table_owners(connection.alias)


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
            model, keys = snapshot.models[each.key], each.build.keys
            each.wanted = render_table(connection, model, each.key, keys)
    return snapshot


@contextmanager
def blamed(subjects: list[Subject]) -> Iterator[None]:
    """Give an error about a table or a field the row that asks for it."""
    try:
        yield
    except DynschemaError as error:
        error.definition = error.definition or _row_at_fault(subjects, error.facts)
        raise


def _row_at_fault(subjects: list[Subject], facts: Mapping[str, Any]) -> Model | None:
    for each in subjects:
        if each.draft is not None:
            keys = {key: name for name, key in each.draft.keys.items()}
            if facts.get("key") in keys:
                return each.draft.sources.get(keys[facts["key"]], each.draft.definition)
            if facts.get("key") == each.key:
                return each.draft.sources.get(facts.get("field", ""), each.draft.definition)
    return None


# The history


def remembered(subject: Subject, found: TableSpec) -> Applied:
    """Return what the history is to know of a table that is as wanted."""
    build, drafted, before = subject.build, subject.draft, subject.applied
    assert build is not None and drafted is not None and subject.wanted is not None
    return Applied(
        key=subject.key,
        name=build.db_table,
        model_name=build.name,
        fields=tuple(_remembered_fields(subject)),
        asked=subject.wanted,
        found=found,
        pk=before.pk if before else None,
        blueprint=drafted.blueprint.label,
        definition=str(drafted.definition.pk),
        class_print=drafts.class_print(build),
    )


def _remembered_fields(subject: Subject) -> Iterator[AppliedField]:
    assert subject.build is not None and subject.wanted is not None
    before = subject.applied.by_key if subject.applied else {}
    names = {key: name for name, key in subject.build.keys.items()}
    for field in subject.wanted.fields:
        key = field.key or ""
        name = names.get(key, key.removeprefix("static:"))
        yield _remembered_field(AppliedField(key, name, field.name), before.get(key))
    for key in before.keys() - {field.key for field in subject.wanted.fields}:
        yield replace(before[key], live=False)


def _remembered_field(now: AppliedField, before: AppliedField | None) -> AppliedField:
    if before is None:
        return now
    names = dict.fromkeys((*before.former_columns, before.column))
    names.pop(now.column, None)
    return replace(now, former_columns=tuple(names))
