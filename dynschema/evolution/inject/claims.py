"""Whose a column is that is there already: ours from now on, the app's own, or somebody else's."""

from __future__ import annotations

from dataclasses import replace

from dynschema.evolution.inject.exceptions import ColumnTakenError
from dynschema.evolution.inject.hosts import Host, declared_columns
from dynschema.evolution.inject.subjects import Subject
from dynschema.schema.applied import Applied, AppliedField
from dynschema.schema.compare import claimed, is_same_type
from dynschema.schema.spec import FieldSpec, TableSpec


def released(applied: Applied) -> Applied:
    """Let go of columns that the app itself declares by now: they are its own."""
    columns = declared_columns(applied.name)
    kept = tuple(each for each in applied.fields if each.column.lower() not in columns)
    return replace(applied, fields=kept)


def claim_columns(subject: Subject, host: Host, actual: TableSpec) -> None:
    """Take over columns that are there already.

    `migrate --run-syncdb` makes them, `flush` forgets whose they are, a model may get another name.

    Raises:
        ColumnTakenError: a column is not the wanted one, or that of another injection.
    """
    normal = subject.normal()
    if normal is None or subject.wanted is None:
        return
    strangers = []
    for wanted, spelled in zip(subject.wanted.fields, normal.fields, strict=True):
        found = actual.field(wanted.name)
        if found is not None and not _is_known(subject, wanted):
            strangers += [] if _rekeyed(subject, host, wanted) else [(wanted, spelled, found)]
    for wanted, spelled, found in strangers:
        _claim(subject, host, wanted, spelled, found)
    if strangers and subject.applied is not None:
        mine = subject.ours(actual)
        ours = claimed(subject.wanted, normal, mine, subject.applied, adopts=True)
        subject.applied = replace(subject.applied, actual=ours)


def _is_known(subject: Subject, wanted: FieldSpec) -> bool:
    known = subject.applied.by_key.get(wanted.key or "") if subject.applied else None
    return known is not None and known.column == wanted.name


def _rekeyed(subject: Subject, host: Host, wanted: FieldSpec) -> bool:
    """Give the field of the same column its new key, if nothing else uses the old one."""
    assert subject.applied is not None
    owner = next((each for each in subject.applied.fields if each.column == wanted.name), None)
    if owner is None:
        return False
    used = {each.key for each in subject.wanted.fields} if subject.wanted else set()
    key = wanted.key or ""
    if owner.key in used or key in subject.applied.by_key:
        reason = f'it is that of the injection with the key "{owner.key}"'
        raise _taken(subject, host, wanted, reason)
    subject.other_keys[owner.key] = key
    fields = (replace(each, key=key) if each is owner else each for each in subject.applied.fields)
    subject.applied = replace(subject.applied, fields=tuple(fields))
    return True


def _claim(
    subject: Subject, host: Host, wanted: FieldSpec, spelled: FieldSpec, found: FieldSpec
) -> None:
    assert subject.applied is not None
    if not is_same_type(spelled.type, found.type):
        reason = f"it is there already, has the type {found.type} and should have {wanted.type}"
        raise _taken(subject, host, wanted, reason)
    name = subject.names.get(wanted.name, wanted.name)
    adopted = AppliedField(wanted.key or "", name, wanted.name)
    subject.applied = replace(subject.applied, fields=(*subject.applied.fields, adopted))


def _taken(subject: Subject, host: Host, wanted: FieldSpec, reason: str) -> ColumnTakenError:
    injection = host.injections.get(wanted.name)
    return ColumnTakenError(
        name=injection.name if injection else wanted.name,
        model=subject.label,
        place=str(injection.place) if injection else "",
        column=wanted.name,
        table=subject.table,
        using=subject.connection.alias,
        reason=reason,
    )
