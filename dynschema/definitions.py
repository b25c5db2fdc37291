"""Reads the rows of definitions and lets their blueprint say what table they ask for."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, router
from django.db.models import Model

from dynschema.answers import ask
from dynschema.exceptions import DefinitionError, InvalidDefinitionError
from dynschema.runtime.build import Build
from dynschema.runtime.companions import Companion
from dynschema.runtime.factory import under_its_own_name
from dynschema.runtime.names import (
    FieldNames,
    check_field_name,
    check_model_name,
    check_table_name,
)

FEW = 20
"""Definitions that are read together with their field definitions: one query less. For many, the
same definition again with each field takes longer."""


class Describes(Protocol):
    """What a blueprint answers about definitions; see `Blueprint` for each question."""

    label: ClassVar[str]
    app_label: ClassVar[str]
    definition: ClassVar[type[Model]]
    field_definition: ClassVar[type[Model] | None]
    definition_link: ClassVar[str]
    """The name of the foreign key from a field definition to its definition."""
    source_fields: ClassVar[tuple[str, ...]]

    def key(self, row: Model) -> str: ...  # noqa: D102
    def model_name(self, definition: Any) -> str: ...  # noqa: D102
    def field_name(self, field_definition: Any) -> str: ...  # noqa: D102
    def build_field(self, field_definition: Any) -> models.Field[Any, Any]: ...  # noqa: D102
    def fields(self, definition: Any) -> Mapping[str, models.Field[Any, Any]]: ...  # noqa: D102
    def bases(self, definition: Any) -> tuple[type, ...]: ...  # noqa: D102
    def meta(self, definition: Any) -> Mapping[str, Any]: ...  # noqa: D102
    def attributes(self, definition: Any) -> Mapping[str, Any]: ...  # noqa: D102
    def db_table(self, definition: Any) -> str | None: ...  # noqa: D102


@dataclass(frozen=True)
class Draft:
    """A model as one definition describes it, before its names in the database are chosen."""

    blueprint: Describes
    definition: Model
    key: str
    model_name: str
    db_table: str | None
    """The name that the blueprint insists on; None leaves the choice to us."""
    fields: Mapping[str, models.Field[Any, Any]]
    """By name in the model, static ones first."""
    keys: Mapping[str, str]
    """The key of each field, and of those that they bring along."""
    companions: Mapping[str, Companion] = field(default_factory=dict)
    """The fields that come along with others, by name."""
    sources: Mapping[str, Model] = field(default_factory=dict)
    """The field definition of each field that has one."""
    bases: tuple[type, ...] = (models.Model,)
    meta: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def readable_table(self) -> str:
        """The name of the table if it were free, in full."""
        return self.db_table or f"{self.blueprint.app_label}_{self.model_name.lower()}"


def database_of(blueprint: Describes) -> str:
    """Return the alias of the database that holds the definitions, and so their tables."""
    return router.db_for_write(blueprint.definition)


def key_as_read(model: type[Model], pk: Any) -> Any:
    """Return a primary key as the database gives it back; people may spell it `"03"` for 3."""
    if type(pk) in (int, UUID):
        return pk  # As nearly always, and each use of `model_for` asks.
    try:
        return model._meta.pk.to_python(pk)
    except ValidationError:
        return pk  # Whoever uses it gets Django's own error.


def read_definitions(
    blueprint: Describes, using: str, pks: Iterable[Any] | None = None
) -> Iterator[tuple[Model, list[Model]]]:
    """Yield definitions with their field definitions, as the database holds them now.

    Args:
        blueprint: whose definitions.
        using: the alias of the database; one query is made on it for a few definitions, and a
            second one for many, or when some of them have no field definitions.
        pks: the primary keys of the definitions wanted; None for all.
    """
    asked = None if pks is None else {str(pk) for pk in pks}
    is_few = asked is not None and len(asked) <= FEW
    found = {} if is_few else _by_pk(_rows(blueprint.definition, using, "pk", asked))
    parts: dict[Any, list[Model]] = defaultdict(list)
    for part, definition in _read_field_definitions(blueprint, using, asked, found):
        parts[definition.pk].append(part)
    bare = asked - set(map(str, found)) if asked is not None and is_few else ()
    if bare:
        found |= _by_pk(_rows(blueprint.definition, using, "pk", bare))
    for pk in sorted(found):
        yield found[pk], parts[pk]


def _by_pk(rows: Iterable[Model]) -> dict[Any, Model]:
    return {each.pk: each for each in rows}


def _read_field_definitions(
    blueprint: Describes, using: str, pks: set[str] | None, found: dict[Any, Model]
) -> Iterator[tuple[Model, Model]]:
    """Yield field definitions in their own order, each with its definition.

    Args:
        blueprint: whose.
        using: the alias of the database.
        pks: the primary keys of the definitions wanted; None for all.
        found: the definitions by primary key; where there are none yet, they are read with their
            field definitions and entered.
    """
    if blueprint.field_definition is None:
        return
    link = blueprint.definition_link
    rows = _rows(blueprint.field_definition, using, link, pks)
    is_joined = not found
    for part in rows.select_related(link) if is_joined else rows:
        pk = part.serializable_value(link)
        definition = found.get(pk)
        if definition is None and is_joined:
            definition = getattr(part, link)
        if definition is not None:
            found[pk] = definition
            setattr(part, link, definition)
            yield part, definition


def _rows(
    model: type[Model], using: str, field: str, values: Collection[str] | None
) -> models.QuerySet[Model]:
    # Rows that are equal to their own ordering come in any order, a different one each time.
    rows = model._base_manager.using(using).order_by(*(model._meta.ordering or ()), "pk")
    return rows if values is None else rows.filter(**{f"{field}__in": values})


def draft(blueprint: Describes, definition: Model, parts: Iterable[Model]) -> Draft:
    """Ask the blueprint about one definition.

    Raises:
        DefinitionError: a name cannot be used, or the blueprint refuses; it carries the row and the
            form field at fault.
    """
    with blamed_on(definition):
        model_name = ask(blueprint, "model_name", definition)
        check_model_name(model_name, blueprint.app_label)
        key = blueprint.key(definition)
        bases = tuple(ask(blueprint, "bases", definition))
        attributes = ask(blueprint, "attributes", definition)
        bare = Build(key, blueprint.app_label, model_name, "", fields={}, bases=bases)
        with under_its_own_name(bare):
            names = FieldNames(bases, attributes)
        fields, sources = _fields(blueprint, definition, names, parts)
        keys = {name: _field_key(blueprint, name, sources.get(name)) for name in fields}
        companions = names.companions
        keys |= {name: each.key_beside(keys[each.owners[0]]) for name, each in companions.items()}
        return Draft(
            blueprint=blueprint,
            definition=definition,
            key=key,
            model_name=model_name,
            db_table=check_table_name(ask(blueprint, "db_table", definition)),
            fields=fields,
            keys=keys,
            companions=companions,
            sources=sources,
            bases=bases,
            meta=ask(blueprint, "meta", definition),
            attributes=attributes,
        )


def _fields(
    blueprint: Describes, definition: Model, names: FieldNames, parts: Iterable[Model]
) -> tuple[dict[str, models.Field[Any, Any]], dict[str, Model]]:
    """Return the fields by name, static ones first, and the rows of those that have one."""
    given = ask(blueprint, "fields", definition)
    fields = {name: _unbound(name, each) for name, each in given.items()}
    sources = {}
    for name, each in fields.items():
        names.add(name, each)
    for part in parts:
        with blamed_on(part):
            name = str(ask(blueprint, "field_name", part))
            check_field_name(name, names.bases)
            built = _unbound(name, blueprint.build_field(part))
            names.add(name, built)
        name = sys.intern(name)  # Or each look-up of the attribute compares its letters.
        fields[name], sources[name] = built, part
    return fields, sources


def _unbound(name: str, field: Any) -> models.Field[Any, Any]:
    """Return a field that has no name of its own, as one that is taken from another model has."""
    if not isinstance(field, models.Field):
        raise InvalidDefinitionError(reason=f'There is no field for "{name}", but {field!r}.')
    if field.many_to_many:
        raise InvalidDefinitionError(
            reason=f'The field "{name}" is many-to-many, and would need a table of its own, which '
            "is not possible yet. Use a definition with two references in its place."
        )
    return field.clone() if field.name else field


def _field_key(blueprint: Describes, name: str, part: Model | None) -> str:
    return f"static:{name}" if part is None else blueprint.key(part)


@contextmanager
def blamed_on(row: Model) -> Iterator[None]:
    """Give errors about a row the row itself, and the form field when it is known."""
    try:
        yield
    except DefinitionError as error:
        error.definition = error.definition or row
        raise
    except ValidationError as error:
        source, reason = _first_message(error)
        raise InvalidDefinitionError(reason=reason, definition=row, source=source) from error


def _first_message(error: ValidationError) -> tuple[str | None, str]:
    if not hasattr(error, "error_dict"):
        return None, " ".join(error.messages)
    name, messages = next(iter(error.message_dict.items()))
    return (None if name == NON_FIELD_ERRORS else name), " ".join(messages)
