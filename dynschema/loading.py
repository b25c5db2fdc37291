"""Builds the dynamic models of this process from definitions and history."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from traceback import walk_tb
from typing import Any

import django
from django.db import DEFAULT_DB_ALIAS

from dynschema import history
from dynschema.definitions import Describes, database_of, draft, read_definitions
from dynschema.exceptions import DefinitionError, DynschemaError
from dynschema.history import Token
from dynschema.runtime.build import Build
from dynschema.runtime.registry import evolve
from dynschema.runtime.snapshot import Snapshot
from dynschema.schema.applied import Placed
from dynschema.waiting import build_present

logger = logging.getLogger("dynschema")

DJANGO = f"{Path(django.__file__).parent}{os.sep}"

blueprints: dict[str, Describes] = {}
"""Every blueprint of the project by its label, `surveymaker.Responses`."""

quarantine: dict[str, Exception] = {}
"""Why a definition has no class in this process, by key; the rest of the site runs."""


def definitions_database() -> str:
    """Return the alias of the database with the definitions of all blueprints."""
    return next((database_of(each) for each in blueprints.values()), DEFAULT_DB_ALIAS)


def load(using: str, snapshot: Snapshot, token: Token) -> Snapshot:
    """Return the models as they are at an epoch, reusing what did not change since `snapshot`.

    A definition that cannot be built is put into quarantine and logged; it is tried again with each
    load, since it may be corrected without any change of its table.

    Args:
        using: the alias of the database.
        snapshot: the models that this process has.
        token: the epoch that the transaction sees now.
    """
    changed = history.changed_since(using, snapshot.epoch) if snapshot.epoch else None
    which = None if changed is None else history.keyed({*changed, *quarantine})
    placed = history.read_placed(using, which)
    base = Snapshot(origin=snapshot.origin) if changed is None else replace(snapshot, notes={})
    for key in [key for key, each in placed.items() if not each.live]:
        quarantine.pop(key, None)
    with _garbage_left_alone(is_first=snapshot.epoch is None):
        builds = dict(_builds(using, [each for each in placed.values() if each.live]))
        return _evolved(base, builds, placed.keys() - builds.keys(), token)


@contextmanager
def _garbage_left_alone(*, is_first: bool) -> Iterator[None]:
    """Do not look for garbage: a thousand new classes are none, and looking takes a while.

    Args:
        is_first: this process has had no classes; only then do they count as old at once. The
            collector must find those that later loads replace.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if is_first:
                _take_for_old()
            gc.enable()


def _take_for_old() -> None:
    """Count all objects as old, which the collector does only after looking at each of them."""
    if not gc.get_freeze_count():  # What a server has frozen before it forks stays frozen.
        gc.freeze()
        gc.unfreeze()


def _builds(using: str, tables: list[Placed]) -> Iterator[tuple[str, Build]]:
    for label, blueprint in blueprints.items():
        mine = {each.definition: each for each in tables if each.blueprint == label}
        for definition, parts in read_definitions(blueprint, using, mine) if mine else ():
            placed = mine[str(definition.pk)]
            try:
                yield placed.key, _build(blueprint, definition, parts, placed)
            except Exception as error:  # A blueprint may raise anything.
                put_aside(placed.key, error)


def _build(blueprint: Describes, definition: Any, parts: Iterable[Any], placed: Placed) -> Build:
    return build_present(draft(blueprint, definition, parts), placed)


def _evolved(
    base: Snapshot, builds: Mapping[str, Build], gone: Iterable[str], token: Token
) -> Snapshot:
    """Evolve the snapshot, leaving out what cannot become a class."""
    remaining, gone = dict(builds), set(gone)
    while True:
        try:
            return evolve(base, remaining, gone, epoch=token)
        except DefinitionError as error:
            key = error.facts.get("key")
            if key is None or key in gone:
                raise
            put_aside(key, error)
            remaining.pop(key, None)
            gone.add(key)


def put_aside(key: str, error: Exception) -> None:
    """Note that a definition has no class here, so that the rest of the site can run.

    A line in the log says so; and where it comes from, if that is a mistake in the project's code
    that no other definition has met yet.
    """
    if str(quarantine.get(key)) != str(error):
        is_clear = isinstance(error, DynschemaError) or _is_met(error)
        trace = None if is_clear else error
        logger.error("The dynamic model of %s cannot be built: %s", key, error, exc_info=trace)
    quarantine[key] = error


def _is_met(error: Exception) -> bool:
    """True when a definition is in quarantine for an error from the same line of code."""
    alike = (each for each in list(quarantine.values()) if type(each) is type(error))
    return any(_origin(each) == _origin(error) for each in alike)


def _origin(error: Exception) -> tuple[str, int]:
    """Return the last line that is not Django's: many mistakes are noticed in one line there."""
    lines = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    own = [each for each in lines if not each[0].startswith(DJANGO)]
    return (own or lines or [("", 0)])[-1]
