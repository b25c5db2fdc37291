"""Plans and syncs all definitions of a database, and says which of them cannot be."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from dynschema import history
from dynschema.blocks import atomic
from dynschema.definitions import database_of
from dynschema.exceptions import DynschemaError, InvalidDefinitionError
from dynschema.loading import blueprints
from dynschema.marks import Marks
from dynschema.schema.plan import Plan
from dynschema.sync import plan

logger = logging.getLogger("dynschema")


@dataclass
class Results:
    """What came of many definitions."""

    plans: list[Plan] = field(default_factory=list)
    """Only those with something to do, to say, or to keep."""
    errors: dict[str, DynschemaError] = field(default_factory=dict)
    """By the key of the definition."""


def known_keys(using: str) -> set[str]:
    """Return the keys of all definitions that have or should have a table."""
    return {key for key, _, _ in _definitions(using)}


def plan_all(using: str, keys: Collection[str] = ()) -> Results:
    """Return what a sync would do to every definition, or to those with these keys."""
    return _carry_out(using, keys, lambda marks: plan(using, marks))


def sync_all(using: str, keys: Collection[str] = (), actor: str = "") -> Results:
    """Bring all tables up to date; a definition that is refused does not stop the others."""

    def sync(marks: Marks) -> tuple[Plan, ...]:
        with atomic(using, actor) as block:
            block.mark(marks)
        return tuple(block.plans)

    return _carry_out(using, keys, sync)


def _carry_out(
    using: str, keys: Collection[str], act: Callable[[Marks], tuple[Plan, ...]]
) -> Results:
    """Act on all at once, since they may refer to each other; if that is refused, one by one."""
    chosen = [each for each in _definitions(using) if not keys or each[0] in keys]
    results = Results()
    try:
        results.plans += act(_marks(chosen))
    except Exception:  # A blueprint may raise anything.
        for each in chosen:
            try:
                with history.tables_expected(using):
                    results.plans += act(_marks([each]))
            except Exception as error:
                results.errors[each[0]] = _explained(each[0], error)
    return results


def _explained(key: str, error: Exception) -> DynschemaError:
    if isinstance(error, DynschemaError):
        return error
    logger.error("The table of %s cannot be brought up to date.", key, exc_info=error)
    return InvalidDefinitionError(reason=f"What it asks for cannot be told: {error!r}.", key=key)


def _definitions(using: str) -> Iterator[tuple[str, str, str]]:
    """Yield key, blueprint and primary key of every definition that has or should have a table."""
    found = {key: (label, pk) for key, label, pk in _stored_definitions(using)}
    for applied in history.read_applied(using).values():
        if applied.live and applied.blueprint in blueprints:
            found.setdefault(applied.key, (applied.blueprint, applied.definition))
    for key, (label, pk) in found.items():
        yield key, label, pk


def _stored_definitions(using: str) -> Iterator[tuple[str, str, str]]:
    for label, blueprint in blueprints.items():
        if database_of(blueprint) == using:
            for row in blueprint.definition._base_manager.using(using).order_by("pk"):
                yield blueprint.key(row), label, str(row.pk)


def _marks(definitions: list[tuple[str, str, str]]) -> Marks:
    return Marks(frozenset((label, pk) for _, label, pk in definitions))
