"""Gathers what is known of each table with injected fields: wanted, applied and actual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema import history
from dynschema.evolution.inject.exceptions import ColumnTakenError
from dynschema.evolution.inject.hosts import Host, declared_columns, wanted_hosts
from dynschema.evolution.inject.injections import Injection
from dynschema.exceptions import CannotCompareError
from dynschema.schema.applied import Applied, AppliedField
from dynschema.schema.compare import claimed, current_columns, is_same_type
from dynschema.schema.dialects import dialect_of
from dynschema.schema.diff import Difference, diff
from dynschema.schema.spec import FieldSpec, TableSpec

MOST_CHARACTERS = 100
"""What the history keeps of the name of a model."""


@dataclass
class Subject:
    """One table on its way through a sync."""

    connection: BaseDatabaseWrapper
    key: str
    label: str
    """The model, for people."""
    wanted: TableSpec | None
    """None when the table itself goes."""
    applied: Applied | None
    """As the history left it, with what was found and is ours from now on."""
    before: Applied | None
    """As the history left it; None when the table is new to it."""
    is_own: bool
    """True when all columns are ours: the table is there for an injected field."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The names of fields, by column."""
    actual: TableSpec | None = None
    """Of the table of an app, our columns alone."""

    @property
    def table(self) -> str:
        """The table's name."""
        return self.wanted.name if self.wanted else self.applied.name if self.applied else ""

    @property
    def difference(self) -> Difference:
        """What separates the table from the wanted one."""
        normal = self._normal(self._now()) if self._now() else None
        return diff(self.wanted, normal, self.actual, self.applied)

    def normal(self) -> TableSpec | None:
        """Return the wanted table as the server spells it; None if it cannot be asked."""
        return self._normal(self.wanted)

    def remembered(self, actual: TableSpec) -> Applied:
        """Return what the history is to know of the table once it is as wanted."""
        before = self.applied or self.blank()
        if self.wanted is None:
            return replace(before, live=False)
        found = claimed(self.wanted, self.normal(), actual, self.before)
        fields = tuple(self._remembered_fields(self.wanted, before))
        return replace(
            before, name=actual.name, fields=fields, wanted=self.wanted, actual=found, live=True
        )

    @property
    def is_moved(self) -> bool:
        """True when there is something to remember, even if nothing is to be done."""
        if self.before is None or self.applied is None:
            return self.actual is not None
        if self.wanted and _lasting(self.wanted) != _lasting(self.before.wanted):
            return True
        known = self.before.name, self.before.fields
        return known != (self.applied.name, self.applied.fields)

    def blank(self) -> Applied:
        """Return the table as one in which nothing is ours yet."""
        nothing = TableSpec(self.table, ())
        return Applied(
            key=self.key,
            name=self.table,
            model_name=self.label[:MOST_CHARACTERS],
            fields=(),
            wanted=nothing,
            actual=nothing,
            definition="" if self.is_own else self.label,
        )

    def ours(self, actual: TableSpec) -> TableSpec:
        """Return the part of a table that may be changed."""
        if self.is_own:
            return actual
        columns = {each.column for each in self.applied.fields} if self.applied else set()
        columns |= {each.name for each in self.wanted.fields} if self.wanted else set()
        return replace(
            actual,
            fields=tuple(each for each in actual.fields if each.name in columns),
            constraints=tuple(
                each for each in actual.constraints if each.columns and {*each.columns} <= columns
            ),
        )

    def _remembered_fields(self, wanted: TableSpec, before: Applied) -> Iterator[AppliedField]:
        known = before.by_key
        for each in wanted.fields:
            key, name = each.key or "", self.names.get(each.name, each.name)
            former = known.get(key, AppliedField(key, name, each.name))
            columns = dict.fromkeys((*former.former_columns, former.column))
            columns.pop(each.name, None)
            yield AppliedField(key, name, each.name, former_columns=tuple(columns))
        for key in sorted(known.keys() - {each.key for each in wanted.fields}):
            yield replace(known[key], live=False)

    def _now(self) -> TableSpec | None:
        """Return the wanted table under the names that its columns have now."""
        if self.wanted is None or self.applied is None or self.actual is None:
            return None
        columns = current_columns(self.wanted, self.applied)
        return self.wanted.renamed(self.actual.name, columns)

    def _normal(self, wanted: TableSpec | None) -> TableSpec | None:
        if wanted is None:
            return None
        known = [(self.applied.wanted, self.applied.actual)] if self.applied else []
        try:
            return dialect_of(self.connection).normal(self.connection, wanted, known)
        except CannotCompareError:
            return None  # The comparison answers "cannot tell", and says so in the plan.


def _lasting(wanted: TableSpec) -> Any:
    """Return what is the same each time that the code is read; the present moment is not."""
    return [(each.key, each.name, each.shape) for each in wanted.fields], wanted.constraints


def gather(connection: BaseDatabaseWrapper) -> list[Subject]:
    """Return what is known of each table that has, had or should have injected fields.

    A field waits for its own table and for the one that it refers to: both may be made later.

    Raises:
        ColumnTakenError: the column of an injected field belongs to somebody else.
    """
    applied = history.read_hosts(connection.alias)
    hosts = list(wanted_hosts(connection.alias))
    names = {each.table for each in hosts} | {each.name for each in applied.values()}
    names |= {target for each in hosts for target in each.targets}
    tables = dialect_of(connection).read_tables(connection, names) if names else {}
    subjects = []
    for host in hosts:
        before = _history_of(host, applied, tables)
        if before is not None:
            del applied[before.key]
        if host.is_own or host.table in tables:
            subjects.append(_wanted(connection, _ready(host, tables), before, tables))
    subjects += _unwanted(connection, applied, tables)
    return sorted((each for each in subjects if each), key=lambda each: each.key)


def _history_of(
    host: Host, applied: Mapping[str, Applied], tables: Mapping[str, TableSpec]
) -> Applied | None:
    """Find the table in the history, where its model may have had another name."""
    same_name = (each for each in applied.values() if each.name == host.table)
    same_key = (each for each in applied.values() if each.key == host.key)
    keys = {each.key for each in host.injections.values()}
    moved = (
        each for each in applied.values() if each.name not in tables and keys & each.by_key.keys()
    )
    return next(same_name, None) or next(same_key, None) or next(moved, None)


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
    key = before.key if before else host.key
    names = {column: each.name for column, each in host.injections.items()}
    wanted = replace(host.wanted, key=key)
    subject = Subject(connection, key, host.label, wanted, before, before, host.is_own, names)
    if actual is not None:
        known = replace(before or subject.blank(), name=actual.name)
        subject.applied = known if host.is_own else _released(known)
        _adopt(subject, host, actual)
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
        known = before if is_own else _released(before)
        subject = Subject(connection, before.key, before.model_name, wanted, known, before, is_own)
        subject.actual = subject.ours(actual)
        yield subject


# Whose a column is


def _released(applied: Applied) -> Applied:
    """Let go of columns that the app itself declares by now: they are its own."""
    columns = declared_columns(applied.name)
    kept = tuple(each for each in applied.fields if each.column.lower() not in columns)
    return replace(applied, fields=kept)


def _adopt(subject: Subject, host: Host, actual: TableSpec) -> None:
    """Take over columns that are there already, as after `migrate --run-syncdb` or a restore.

    Raises:
        ColumnTakenError: a column is not the wanted one, or that of another injection.
    """
    assert subject.applied is not None
    normal = subject.normal()
    spelled = normal.fields if normal else ()
    for wanted, normal_field in zip(subject.wanted.fields if normal else (), spelled, strict=True):
        found = actual.field(wanted.name)
        known = subject.applied.by_key.get(wanted.key or "")
        if found is None or (known and known.column == wanted.name):
            continue
        injection = host.injections.get(wanted.name)
        _refuse_taken(subject, injection, found)
        if not is_same_type(normal_field.type, found.type):
            reason = f"it is there already, has the type {found.type} and should have {wanted.type}"
            raise _taken(subject, injection, found, reason, "Choose another db_column.")
        name = injection.name if injection else wanted.name
        adopted = AppliedField(wanted.key or "", name, wanted.name)
        subject.applied = replace(subject.applied, fields=(*subject.applied.fields, adopted))


def _refuse_taken(subject: Subject, injection: Injection | None, found: FieldSpec) -> None:
    assert subject.applied is not None
    for each in subject.applied.fields:
        if each.column.lower() == found.name.lower():
            reason = f'it is that of the injection with the key "{each.key}"'
            remedy = (
                f'Pass key="{each.key}" to use it with its values, or choose another db_column.'
            )
            raise _taken(subject, injection, found, reason, remedy)


def _taken(
    subject: Subject, injection: Injection | None, found: FieldSpec, reason: str, remedy: str
) -> ColumnTakenError:
    return ColumnTakenError(
        name=injection.name if injection else found.name,
        model=subject.label,
        place=str(injection.place) if injection else "",
        column=found.name,
        table=subject.table,
        using=subject.connection.alias,
        reason=reason,
        remedy=remedy,
    )
