"""Decides which names a definition may give to a model, a field and a reverse relation."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db import models

from dynschema.exceptions import InvalidNameError, NameTakenError
from dynschema.runtime.build import Build, ModelClass, Relation, key_of
from dynschema.runtime.companions import Companion, companions_of
from dynschema.runtime.factory import PROBE, build_model
from dynschema.runtime.model_apps import ModelApps, no_model
from dynschema.runtime.snapshot import claims, relations_of, taken
from dynschema.runtime.targets import relation_behind, static_relations
from dynschema.schema.naming import MAX_BYTES

LONGEST_MODEL_NAME = 90
"""A content type and a permission keep 100 characters, the permission with "delete_" before it."""

SYSTEM_COLUMNS = frozenset({"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"})
"""Columns that every table of PostgreSQL has already."""

UNQUOTABLE = r'["%\x00-\x1f\x7f]'
"""What may not stand in a name: Django puts it into its SQL as it is."""


@dataclass(frozen=True)
class Grammar:
    """How names of one sort are spelt."""

    pattern: re.Pattern[str]
    rule: str
    """The pattern in words."""
    longest: int
    reserved: Callable[[str], str | None]
    """Says why a well-spelt name is impossible, or None."""
    suggest: Callable[[str], str]
    """Makes a well-spelt name out of any text, if it can."""

    def problem(self, name: str) -> str | None:
        """Say why a name cannot be used, or return None."""
        if not name:
            return "it is empty"
        if len(name) > self.longest:
            return f"it has {len(name)} characters, and {self.longest} are possible"
        if not self.pattern.fullmatch(name):
            return self.rule
        return self.reserved(name)

    def remedy(self, name: str) -> str:
        """Say what to do about a name that cannot be used."""
        suggestion = self.suggest(name)
        if self.problem(suggestion):
            return "Choose another name."
        return f'Use "{suggestion}", or choose another name.'

    def check(self, name: str, **facts: Any) -> None:
        """Refuse a name that cannot be used.

        Raises:
            InvalidNameError: with the reason and a remedy, and the facts given.
        """
        reason = self.problem(name)
        if reason:
            raise InvalidNameError(name=name, reason=reason, remedy=self.remedy(name), **facts)


def reserved_for_fields(name: str) -> str | None:
    """Say why a field cannot have a well-spelt name."""
    # "self" is what the methods of Django call the record beside keyword arguments for fields.
    if keyword.iskeyword(name) or name == "self":
        return "it has a meaning in Python"
    if name == "csrfmiddlewaretoken":
        return "every form of Django sends something of that name"
    if name in SYSTEM_COLUMNS:
        return "every table of PostgreSQL has a column of that name"
    return None


def reserved_for_models(name: str) -> str | None:
    """Say why a model cannot have a well-spelt name."""
    if keyword.iskeyword(name) or hasattr(builtins, name) or name.lower() == "self":
        return "it has a meaning in Python"
    if name in models.__all__ or name == "Model":
        return "it has a meaning in Django"
    return None


def reserved_in_databases(name: str) -> str | None:
    """Say why a table or a column cannot have a well-spelt name."""
    length = len(name.encode())
    if length > MAX_BYTES:
        return f"it has {length} bytes, and {MAX_BYTES} are possible"
    if name.lower() in SYSTEM_COLUMNS or name.lower().startswith(("pg_", "sqlite_")):
        return "databases keep such names for themselves"
    return None


def suggest_database_name(text: str) -> str:
    """Turn any text into the name of a table or a column."""
    return re.sub(f"{UNQUOTABLE}+", "_", text).strip("_")


def suggest_field(text: str) -> str:
    """Turn any text into the name of a field."""
    return re.sub("[^a-z0-9]+", "_", text.lower()).strip("_")


def suggest_model(text: str) -> str:
    """Turn any text into the name of a model."""
    return "".join(word[:1].upper() + word[1:] for word in re.findall("[A-Za-z0-9]+", text))


FIELD = Grammar(
    pattern=re.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*"),
    rule="it must start with a lower-case letter from a to z, and go on with such letters, "
    "digits, and single underscores between them",
    longest=MAX_BYTES,
    reserved=reserved_for_fields,
    suggest=suggest_field,
)
MODEL = Grammar(
    pattern=re.compile("[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*"),
    rule="it must start with a letter from A to Z, and go on with such letters, "
    "digits, and single underscores between them",
    longest=LONGEST_MODEL_NAME,
    reserved=reserved_for_models,
    suggest=suggest_model,
)

DATABASE_NAME = Grammar(
    pattern=re.compile(UNQUOTABLE.replace("[", "[^", 1) + "+"),
    rule="the name of a table or a column must not contain quotation marks, percent signs "
    "and control characters",
    longest=MAX_BYTES,
    reserved=reserved_in_databases,
    suggest=suggest_database_name,
)


def check_table_name(name: str | None) -> str | None:
    """Return the `db_table` that a blueprint insists on, if it does.

    Raises:
        InvalidNameError: no database could keep it, or Django could not write it.
    """
    if name:
        DATABASE_NAME.check(name)
    return name


def check_model_name(name: str, app_label: str, others: Iterable[str] = (), **facts: Any) -> None:
    """Refuse a name that a model of an app cannot have.

    Args:
        name: the name of the class.
        app_label: the app that owns the model.
        others: the names of the other dynamic models of that app.
        facts: `definition` and `source`, which the error keeps.

    Raises:
        InvalidNameError: the name cannot be a name.
        NameTakenError: a static or a dynamic model has it, in whatever case.
    """
    MODEL.check(name, **facts)
    static = apps.all_models[app_label].get(name.lower())
    if static:
        raise NameTakenError(name=name, owner=f'the model "{static._meta.label}"', **facts)
    for other in others:
        if other.lower() == name.lower():
            owner = f'the dynamic model "{app_label}.{other}"'
            raise NameTakenError(name=name, owner=owner, **facts)


def check_field_name(name: str, bases: tuple[type, ...] = (models.Model,), **facts: Any) -> None:
    """Refuse a name that a field of a model with these bases cannot have.

    Args:
        name: the name of the field.
        bases: the bases of the model.
        facts: `definition` and `source`, which the error keeps.

    Raises:
        InvalidNameError: the name cannot be a name.
        NameTakenError: every record has something of that name already.
    """
    FIELD.check(name, **facts)
    owner = names_of_every_record(bases).get(name)
    if owner:
        raise NameTakenError(name=name, owner=owner, **facts)


class FieldNames:
    """Collects the fields of one model, and refuses the first whose names clash."""

    def __init__(
        self, bases: tuple[type, ...] = (models.Model,), attributes: Iterable[str] = ()
    ) -> None:
        """Start with the names that every record has.

        Args:
            bases: the bases of the model.
            attributes: the names in the class's body besides the fields.
        """
        self.bases = bases
        self.companions: dict[str, Companion] = {}
        """The fields that come along with others, by name."""
        self._attributes = frozenset(attributes)
        self._owners = names_of_every_record(bases) | {
            name: f'the attribute "{name}", which every record has' for name in attributes
        }

    def add(self, name: str, field: models.Field, **facts: Any) -> None:
        """Enter a field with all names that it brings along.

        Args:
            name: the name of the field.
            field: the field, not bound to a class.
            facts: `definition` and `source`, which the error keeps.

        Raises:
            InvalidNameError: a name cannot be a name.
            NameTakenError: a name is taken.
        """
        FIELD.check(name, **facts)
        if field.primary_key:
            self._owners.pop("id", None)  # Django adds its own key only where there is no other.
        companions = {each.name: each for each in companions_of(name, field)}
        brought = names_brought_by(name, field, companions)
        for each in brought:
            if each in self._owners and not self._may_be_both(each, name, companions.get(each)):
                raise NameTakenError(name=each, owner=self._owners[each], **facts)
        attribute = attribute_name(name, field)
        if attribute != name:
            FIELD.check(attribute, **facts)
        if field.db_column:
            DATABASE_NAME.check(field.db_column, **facts)
        self._owners |= brought
        self._add_companions(companions, facts)

    def _add_companions(self, companions: Mapping[str, Companion], facts: dict[str, Any]) -> None:
        for name, each in companions.items():
            FIELD.check(name, **facts)
            self.companions[name] = self._shared(each)

    def _shared(self, companion: Companion) -> Companion:
        """Return it with all fields that bring it, the first one first."""
        known = self.companions.get(companion.name)
        others = known.owners if known else ()
        return replace(companion, owners=(*others, *companion.owners))

    def _may_be_both(self, name: str, owner: str, companion: Companion | None) -> bool:
        """True for what Django lets a class have in place of its own, and for what fields share."""
        is_overridden = name in self._attributes and name == f"get_{owner}_display"
        is_shared = companion is not None and companion.is_shared and name in self.companions
        return is_overridden or is_shared


def attribute_name(name: str, field: models.Field) -> str:
    """Return the attribute of the column, `user_id` for the foreign key `user`."""
    return f"{name}_id" if field.many_to_one or field.one_to_one else name


def names_brought_by(
    name: str, field: models.Field, companions: Iterable[str] = ()
) -> dict[str, str]:
    """Return the names that a field takes on its model, each with what to call its owner."""
    owner = f'the field "{name}"'
    brought = dict.fromkeys([name, attribute_name(name, field), *companions], owner)
    methods = [f"get_{name}_display"] if field.choices else []
    if isinstance(field, models.DateField) and not field.null:
        methods += [f"get_next_by_{name}", f"get_previous_by_{name}"]
    return brought | dict.fromkeys(methods, f'a method of the field "{name}"')


@lru_cache(maxsize=64)
def without_own_fields(bases: tuple[type, ...]) -> ModelClass:
    """Generate a model with these bases, to look at what every record has; no list is to keep."""
    probe = Build(PROBE, "dynschema", "Record", "dynschema_record", fields={}, bases=bases)
    return build_model(probe, ModelApps(no_model), {})


def fields_of_every_record(bases: tuple[type, ...]) -> list[str]:
    """Return the fields with a column that a model inherits from these bases."""
    fields = without_own_fields(bases)._meta.local_concrete_fields
    return [each.name for each in fields if not each.auto_created]


@lru_cache(maxsize=64)
def names_of_every_record(bases: tuple[type, ...]) -> dict[str, str]:
    """Return the names that a model with these bases has before any field is added."""
    model = without_own_fields(bases)
    names = {name: f'"{owner_of(name, model)}.{name}"' for name in dir(model)}
    fields = (*model._meta.fields, *model._meta.private_fields)
    return names | {
        each.name: f'the field "{each.name}", which every record has' for each in fields
    }


def owner_of(name: str, model: type[models.Model]) -> str:
    """Return the name of the class that an attribute comes from; Model for what Django adds."""
    own = next((each for each in model.__mro__ if name in vars(each)), models.Model)
    return models.Model.__name__ if own is model else own.__name__


def check_reverse_names(model: ModelClass) -> None:
    """Refuse a relation whose reverse side would hide something static of its target.

    Clashes among dynamic relations are found by `IncomingChanges`.

    Args:
        model: a generated model.

    Raises:
        InvalidNameError: a reverse name cannot be a name.
        NameTakenError: the target has an attribute, a field or a look-up of that name.
    """
    for relation in relations_of(model):
        if not relation.remote_field.hidden:
            facts = {"key": key_of(model), "field": relation.name}
            for name in sorted(claims(relation)):
                check_reverse_name(name, relation, facts)


def check_reverse_name(name: str, relation: Relation, facts: dict[str, str]) -> None:
    """Refuse one name that a relation would have on its target."""
    target = relation.remote_field.model
    if not MODEL.pattern.fullmatch(name):
        remedy = f'Give "{relation}" another related_name.'
        raise InvalidNameError(name=name, reason=MODEL.rule, remedy=remedy, **facts)
    attribute = next((vars(each)[name] for each in target.__mro__ if name in vars(each)), None)
    behind = relation_behind(attribute)
    if attribute is not None and not (behind and key_of(behind.model)):
        raise taken(name, relation, f'"{behind or target._meta.label}"')
    for other in static_relations(target):
        if not other.remote_field.hidden and other.remote_field.name == name:
            raise taken(name, relation, f'"{other}"')
