"""The tables that have injected fields, as the code asks for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.apps import apps
from django.db import connections, router
from django.db.models import Field, Model

from dynschema.evolution.inject.injections import Injection, forbidden, injections
from dynschema.exceptions import InvalidDefinitionError
from dynschema.schema.rendering import render_table
from dynschema.schema.spec import FieldSpec, TableSpec

EMPTY = (dict, list, str)
"""Callable defaults that give the same value each time."""


@dataclass(frozen=True)
class Host:
    """A table with injected fields."""

    key: str
    """The lasting identity: `injected:library.author`."""
    label: str
    """The model, as `library.Author`."""
    wanted: TableSpec
    """The injected columns alone; all columns of a table that is there for an injected field."""
    injections: dict[str, Injection] = field(default_factory=dict)
    """By the name of the column."""
    is_own: bool = False
    """True for the table between two models of an injected many-to-many field."""

    @property
    def table(self) -> str:
        """The table's name."""
        return self.wanted.name

    @property
    def targets(self) -> set[str]:
        """The tables that its columns refer to."""
        return {each.references.table for each in self.wanted.constraints if each.references}


def wanted_hosts(using: str) -> Iterator[Host]:
    """Yield the tables of a database that are to have injected fields."""
    by_model: dict[type[Model], list[Injection]] = defaultdict(list)
    for each in injections.values():
        if each.model._meta.managed and router.allow_migrate_model(using, each.model):
            by_model[each.model].append(each)
    for model, injected in by_model.items():
        yield _host(using, model, [each for each in injected if each.field.column])
        yield from _between(using, [each for each in injected if each.field.many_to_many])


def _host(using: str, model: type[Model], injected: list[Injection]) -> Host:
    label = model._meta.label_lower
    keys = {each.name: each.key for each in injected}
    only = [each.field for each in injected if each.field.concrete]
    try:
        rendered = render_table(connections[using], model, f"injected:{label}", keys, only)
    except InvalidDefinitionError as error:
        meant = next(each for each in injected if each.key == error.facts["key"])
        raise forbidden(meant, error.message.removesuffix("."), "Correct the field.") from error
    by_column = {str(each.field.column): each for each in injected}
    fields = (_without_gaps(each, by_column[each.name].field) for each in rendered.fields)
    wanted = replace(rendered, fields=tuple(fields))
    return Host(f"injected:{label}", model._meta.label, wanted, by_column)


def _without_gaps(spec: FieldSpec, field: Field[Any, Any]) -> FieldSpec:
    """Let rows be added by code that does not know the field.

    The database gives them the default where it is always the same. Otherwise they have no value.
    """
    if spec.null and field.unique and not spec.keep_fill:
        return replace(spec, fill=None)  # The same value in all rows would not be unique.
    if spec.null or spec.default is not None:
        return spec
    if spec.keep_fill or field.default in EMPTY:
        return replace(spec, default=spec.fill, keep_fill=True)
    return replace(spec, null=True)


def _between(using: str, injected: list[Injection]) -> Iterator[Host]:
    for each in injected:
        through: Any = each.field.remote_field.through  # type: ignore[union-attr]
        if through._meta.auto_created:
            key = f"injected:{each.key}"
            wanted = render_table(connections[using], through, key, _sides(each.field))
            yield Host(key, through._meta.label, wanted, {}, is_own=True)


def _sides(field: Any) -> dict[str, str]:
    """Return the keys of the two foreign keys, which are named after the models."""
    return {field.m2m_field_name(): "source", field.m2m_reverse_field_name(): "target"}


def declared_columns(table: str) -> set[str]:
    """Return the columns of a table that its own app declares, in lower case."""
    injected = {each.field for each in injections.values()}
    return {
        str(each.column).lower()
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table == table
        for each in _columns(model)
        if each not in injected
    }


def _columns(model: type[Model]) -> list[Field[Any, Any]]:
    return list(model._meta.local_concrete_fields)
