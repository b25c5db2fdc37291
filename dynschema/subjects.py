"""One table on its way through a sync: what is known of it, and what is to be remembered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model

from dynschema.definitions import Draft
from dynschema.exceptions import DynschemaError
from dynschema.runtime.build import Build
from dynschema.runtime.class_print import class_print
from dynschema.schema.applied import Applied, AppliedField
from dynschema.schema.naming import shorten
from dynschema.schema.spec import TableSpec


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
        """True when others may have to look for model or table by another name, or in vain."""
        if self.applied is None or not self.applied.live:
            return False
        if self.draft is None or self.draft.model_name != self.applied.model_name:
            return True
        return shorten(self.draft.readable_table) != self.applied.name

    @property
    def rows(self) -> list[Model]:
        """The definition and its field definitions."""
        return [self.draft.definition, *self.draft.sources.values()] if self.draft else []

    @property
    def differs(self) -> bool:
        """True when the class, or whether there is one, is not what the history says."""
        if self.applied is None or self.build is None:
            return self.applied is None or self.applied.live
        return not self.applied.live or class_print(self.build) != self.applied.class_print

    def is_named_by(self, facts: Mapping[str, Any]) -> bool:
        """True when the facts of an error speak of this table or of one of its fields."""
        keys = self.draft.keys.values() if self.draft else ()
        return facts.get("key") in (self.key, *keys) or facts.get("table") == self.table

    def field_named_by(self, facts: Mapping[str, Any]) -> str:
        """Return the name of the field that the facts of an error speak of; empty if of none."""
        columns = {each.name: each.key for each in self.wanted.fields} if self.wanted else {}
        named = [facts.get("key"), *(columns.get(each) for each in facts.get("columns", ()))]
        fields = {key: name for name, key in self.draft.keys.items()} if self.draft else {}
        found = (fields[key] for key in named if key in fields)
        return next(found, str(facts.get("field", "")))

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


@contextmanager
def blamed(subjects: list[Subject]) -> Iterator[None]:
    """Give an error about a table or a field the row that asks for it."""
    try:
        yield
    except DynschemaError as error:
        error.definition = error.definition or _row_at_fault(subjects, error.facts)
        raise


def _row_at_fault(subjects: list[Subject], facts: Mapping[str, Any]) -> Model | None:
    """Return the row of the field that the facts name, else that of the table."""
    for each in subjects:
        if each.draft is not None and each.is_named_by(facts):
            field = each.field_named_by(facts)
            return each.draft.sources.get(field, each.draft.definition)
    return None


def remembered(subject: Subject, wanted: TableSpec, actual: TableSpec) -> Applied:
    """Return what the history is to know of a table that is as wanted."""
    build, drafted, before = subject.build, subject.draft, subject.applied
    assert build is not None
    assert drafted is not None
    return Applied(
        key=subject.key,
        name=build.db_table,
        model_name=build.name,
        fields=tuple(_remembered_fields(subject)),
        wanted=wanted,
        actual=actual,
        pk=before.pk if before else None,
        blueprint=drafted.blueprint.label,
        definition=str(drafted.definition.pk),
        class_print=class_print(build),
    )


def _remembered_fields(subject: Subject) -> Iterator[AppliedField]:
    assert subject.build is not None
    assert subject.wanted is not None
    before = subject.applied.by_key if subject.applied else {}
    names = {key: name for name, key in subject.build.keys.items()}
    for each in subject.wanted.fields:
        key = each.key or ""
        name = names.get(key, key.removeprefix("static:"))
        field = AppliedField(key, name, each.name, meaning=each.meaning)
        yield _remembered_field(field, before.get(key))
    if subject.applied:
        yield from _retired_fields(subject.applied, {each.key for each in subject.wanted.fields})


def _retired_fields(before: Applied, kept: set[str | None]) -> Iterator[AppliedField]:
    for key in before.by_key.keys() - kept:
        field, asked = before.by_key[key], before.wanted.field_by_key(key)
        yield replace(field, live=False, meaning=asked.meaning if asked else field.meaning)


def _remembered_field(now: AppliedField, before: AppliedField | None) -> AppliedField:
    if before is None:
        return now
    names = dict.fromkeys((*before.former_columns, before.column))
    names.pop(now.column, None)
    return replace(now, former_columns=tuple(names))
