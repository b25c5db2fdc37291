"""The current classes of this process, published as one immutable snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from threading import RLock
from typing import Any, TypeVar

from django.apps import apps
from django.db import models

from dynschema.exceptions import NameTakenError
from dynschema.runtime.build import Build, ModelName
from dynschema.runtime.factory import build_models
from dynschema.runtime.model_apps import ModelApps
from dynschema.runtime.names import check_reverse_names
from dynschema.runtime.snapshot import (
    IncomingIndex,
    RelationTree,
    Snapshot,
    relations_of,
    target_label,
)
from dynschema.runtime.targets import attach, detach, show

Value = TypeVar("Value")


class Registry:
    """Holds the published snapshot; a reader takes one attribute, a writer the lock."""

    def __init__(self) -> None:
        self.snapshot = Snapshot()
        self.lock = RLock()

    def change(
        self, changed: Mapping[str, Build], removed: Iterable[str] = (), *, epoch: Any = None
    ) -> Snapshot:
        """Evolve the published snapshot and publish the result.

        Args:
            changed: new builds by key.
            removed: keys of models that are gone.
            epoch: the epoch of the result.

        Returns:
            The snapshot that is published now.
        """
        with self.lock:
            return self.publish(evolve(self.snapshot, changed, removed, epoch=epoch))

    def publish(self, snapshot: Snapshot) -> Snapshot:
        """Make a snapshot the current one of this process.

        Static models get their reverse accessors, and Django's caches show the new relations.

        Returns:
            The published snapshot, to evolve the next one from.
        """
        with self.lock:
            old, touched = self.snapshot, touched_keys(self.snapshot, snapshot)
            self.snapshot = replace(snapshot, origin=object(), touched=frozenset())
            # Django's list of all models is made again when somebody asks for it.
            apps.get_models.cache_clear()
            turn_targets(old, self.snapshot, touched)
            return self.snapshot


def evolve(
    snapshot: Snapshot,
    changed: Mapping[str, Build],
    removed: Iterable[str] = (),
    *,
    epoch: Any = None,
) -> Snapshot:
    """Derive a provisional snapshot; nothing outside of it notices.

    The changed models are generated, and with them every dynamic model that points to one of them,
    directly or through others. All other classes are shared with the old snapshot.

    Args:
        snapshot: where to start from.
        changed: new builds by key.
        removed: keys of models that are gone.
        epoch: the epoch of the result.

    Raises:
        DefinitionError: a build cannot become a class; its key is the error's `key`.
    """
    gone = set(removed) - changed.keys()
    stale = snapshot.dependents({*changed, *gone})
    names = new_names(snapshot, changed, gone)
    builds = without(gone, snapshot.builds)
    builds |= {key: build.pinned(names) for key, build in changed.items()}
    fresh = {key: builds[key] for key in (*changed, *sorted(stale - changed.keys() - gone))}
    generated = build_models(fresh, model_apps(snapshot, stale), builds)
    return replace(
        snapshot,
        epoch=epoch,
        builds=builds,
        models=without(gone, snapshot.models) | generated,
        names=names,
        incoming=new_incoming(snapshot, generated, stale),
        touched=snapshot.touched | stale,
    )


def model_apps(snapshot: Snapshot, stale: set[str]) -> ModelApps:
    """Give the registry of a generation that may use all classes that stay."""

    def others(app_label: str, name: str) -> type[models.Model] | None:
        key = snapshot.names.get((app_label, name))
        return None if key is None or key in stale else snapshot.models[key]

    return ModelApps(others)


def new_names(
    snapshot: Snapshot, changed: Mapping[str, Build], gone: set[str]
) -> dict[ModelName, str]:
    """Give the keys by name; two models may swap theirs."""
    names = dict(snapshot.names)
    for key in (changed.keys() | gone) & snapshot.builds.keys():
        del names[snapshot.builds[key].model_name]
    for key, build in changed.items():
        if names.setdefault(build.model_name, key) != key:
            other = f"another dynamic model ({names[build.model_name]})"
            raise NameTakenError(name=build.label, owner=other, key=key)
    return names


def without(gone: set[str], mapping: Mapping[str, Value]) -> dict[str, Value]:
    """Return a copy without some keys; copying a dict whole is much quicker than by entry."""
    result = dict(mapping)
    for key in gone:
        result.pop(key, None)
    return result


def new_incoming(
    snapshot: Snapshot, generated: Mapping[str, type[models.Model]], stale: set[str]
) -> Mapping[str, Mapping[str, models.Field]]:
    """Give the incoming relations, and set up those among the generated models."""
    index = IncomingIndex(snapshot.incoming)
    for key in stale & snapshot.models.keys():
        index.remove(snapshot.models[key])
    for model in generated.values():
        index.add(model)
        check_reverse_names(model)
    for model in generated.values():
        # Set and not computed: Django would look through all models for it.
        tree = RelationTree((), index.incoming.get(target_label(model), {}))
        vars(model._meta)["_relation_tree"] = tree
        for relation in relations_of(model):
            if key_of(relation.remote_field.model) in generated:
                attach(relation)
    return index.incoming


def touched_keys(old: Snapshot, new: Snapshot) -> set[str]:
    """Return the keys of the models that differ between two snapshots."""
    if new.origin is old.origin:
        return set(new.touched)
    keys = old.models.keys() | new.models.keys()
    return {key for key in keys if old.models.get(key) is not new.models.get(key)}


def turn_targets(old: Snapshot, new: Snapshot, touched: set[str]) -> None:
    """Turn every model that stays from the relations of outdated classes to the current ones."""
    gained = list(relations_to_others(new, touched))
    lost = list(relations_to_others(old, touched))
    for relation in gained:
        attach(relation)
    for relation in lost:
        detach(relation)
    targets = {each.remote_field.model._meta.concrete_model for each in (*gained, *lost)}
    for target in targets:
        show(target, new.incoming.get(target_label(target), {}))


def relations_to_others(snapshot: Snapshot, touched: set[str]) -> Iterator[models.Field]:
    """Yield the relations of the touched models to models that are not touched."""
    for key in touched & snapshot.models.keys():
        for relation in relations_of(snapshot.models[key]):
            if key_of(relation.remote_field.model) not in touched:
                yield relation


def key_of(model: type[models.Model]) -> str | None:
    """Return the key of a dynamic model; None for a static one."""
    return getattr(model, "_dynschema_key", None)
