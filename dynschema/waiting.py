"""Builds a model as far as its table goes: code may ask for more than there is, until the sync."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db import connections
from django.db.models.options import normalize_together

from dynschema.definitions import Draft, database_of
from dynschema.drafts import build, default_column
from dynschema.runtime.build import Build
from dynschema.runtime.names import fields_of_every_record
from dynschema.schema.applied import Placed

OPTIONS = ("ordering", "indexes", "constraints", "unique_together")
"""Those of `class Meta` that are lists of what may name fields."""

PARTS = ("fields", "expressions", "condition", "include")
"""What names fields in an index or a constraint."""


def build_present(draft: Draft, placed: Placed) -> Build:
    """Return the build of what there is of a draft.

    Args:
        draft: what the blueprint said.
        placed: where its table and its columns are.
    """
    columns = present_columns(draft, placed)
    inherited = dict.fromkeys(_missing_from_bases(draft, placed))
    found = build(draft, placed.name, columns)
    missing = {*inherited, *(draft.keys.keys() - columns.keys())}
    if not missing:
        return found
    # Django lets a class be without a field of its base when it has None in its place.
    attributes = {**found.attributes, **inherited}
    return replace(found, attributes=attributes, meta=_meta_without(found, missing))


def present_columns(draft: Draft, placed: Placed) -> dict[str, str | None]:
    """Return the columns that there are for the fields of a draft."""
    present = {
        name: placed.by_key[key].column
        for name, key in draft.keys.items()
        if key in placed.live_keys
    }
    for name, each in draft.companions.items():
        if name not in present:
            for owner in each.owners:
                present.pop(owner, None)  # It would bring the other along.
    missing = draft.fields.keys() - present.keys()
    return present | {name: None for name in missing if not _needs_column(draft, name)}


def _missing_from_bases(draft: Draft, placed: Placed) -> list[str]:
    return [
        name
        for name in fields_of_every_record(draft.bases)
        if f"static:{name}" not in placed.live_keys
        and name not in draft.fields
        and name not in draft.attributes
    ]


def _needs_column(draft: Draft, name: str) -> bool:
    """False for a field that Django stores elsewhere or not at all, such as a GenericRelation."""
    field = draft.fields[name]
    if field.is_relation:  # Its type is that of its target, which is not known yet.
        return default_column(field, name) is not None
    return field.db_type(connections[database_of(draft.blueprint)]) is not None


def _meta_without(build: Build, missing: set[str]) -> dict[str, Any]:
    """Return the options without what names a field that is missing."""
    inherited = next((base.Meta for base in build.bases if hasattr(base, "Meta")), None)
    given = {name: build.meta.get(name, getattr(inherited, name, ())) for name in OPTIONS}
    given["unique_together"] = normalize_together(given["unique_together"])
    names = missing | {f"{name}_id" for name in missing}  # As a reference is called as well.
    shorter = {name: _without(each, names) for name, each in given.items() if each}
    return {**build.meta, **shorter}


def _without(given: Iterable[Any], missing: set[str]) -> list[Any]:
    return [each for each in given if missing.isdisjoint(_names_in(each))]


def _names_in(option: Any) -> set[str]:
    """Return the fields that an option names, and other words of its expressions."""
    parts = [getattr(option, name) for name in PARTS if hasattr(option, name)]
    words = re.findall(r"\w+", repr(parts or option))
    return {word.partition("__")[0] for word in words}
