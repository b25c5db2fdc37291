"""The current classes of this process, published as one immutable snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from threading import RLock
from typing import Any

from django.db import models

from dynschema.exceptions import NameTakenError
from dynschema.runtime.build import Build, ModelClass, ModelName, Relation, key_of
from dynschema.runtime.factory import build_models
from dynschema.runtime.model_apps import ModelApps, forget_all_models
from dynschema.runtime.names import check_reverse_names
from dynschema.runtime.persistent_map import PersistentMap
from dynschema.runtime.snapshot import (
    NOTHING,
    Incoming,
    IncomingChanges,
    RelationTree,
    Snapshot,
    relations_of,
    target_label,
)
from dynschema.runtime.targets import attach, detach, show


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
            forget_all_models()
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
    names = new_names(snapshot, changed, gone)
    pinned = {key: build.pinned(names) for key, build in changed.items()}
    stale = stale_keys(snapshot, pinned, gone)
    builds = snapshot.builds.changed(dict.fromkeys(gone) | pinned)
    fresh = {key: builds[key] for key in (*changed, *sorted(stale - changed.keys() - gone))}
    generated = build_models(fresh, model_apps(snapshot, stale), builds)
    incoming = new_incoming(snapshot, generated, stale)
    connect(generated, incoming)
    return replace(
        snapshot,
        epoch=epoch,
        builds=builds,
        models=snapshot.models.changed(dict.fromkeys(gone) | generated),
        names=names,
        incoming=incoming,
        touched=snapshot.touched | stale,
    )


def stale_keys(snapshot: Snapshot, pinned: Mapping[str, Build], gone: set[str]) -> set[str]:
    """Return the keys of all models that must be generated, or are gone.

    A model that stays is shown its new relations when they are published. That comes too late for
    one that is not published itself, which is therefore generated with the models that point to
    it, or did.
    """
    stale: set[str] = set()
    more = {*pinned, *gone}
    while more:
        stale = snapshot.dependents(stale | more)
        targets = {target for key in stale for target in snapshot.targets_of(key)}
        targets |= {target for build in pinned.values() for target in build.targets.values()}
        more = (targets & snapshot.touched) - stale
    return stale


def model_apps(snapshot: Snapshot, stale: set[str]) -> ModelApps:
    """Give the registry of a generation that may use all classes that stay."""

    def others(app_label: str, name: str) -> type[models.Model] | None:
        key = snapshot.names.get((app_label, name))
        return None if key is None or key in stale else snapshot.models[key]

    return ModelApps(others)


def new_names(
    snapshot: Snapshot, changed: Mapping[str, Build], gone: set[str]
) -> PersistentMap[ModelName, str]:
    """Give the keys by name; two models may swap theirs."""
    leaving = [snapshot.builds[key] for key in (*changed, *gone) if key in snapshot.builds]
    names: dict[ModelName, str | None] = {build.model_name: None for build in leaving}
    for key, build in changed.items():
        known = names if build.model_name in names else snapshot.names
        other = known.get(build.model_name)
        if other is not None:
            raise NameTakenError(name=build.label, owner=f'the dynamic model "{other}"', key=key)
        names[build.model_name] = key
    return snapshot.names.changed(names)


def new_incoming(
    snapshot: Snapshot, generated: Mapping[str, ModelClass], stale: set[str]
) -> PersistentMap[str, Incoming]:
    """Give the incoming relations, and refuse those whose names are taken."""
    changes = IncomingChanges(snapshot.incoming)
    for key in stale:
        if key in snapshot.models:
            changes.remove(snapshot.models[key])
    for model in generated.values():
        changes.add(model)
        check_reverse_names(model)
    return changes.result()


def connect(generated: Mapping[str, ModelClass], incoming: PersistentMap[str, Incoming]) -> None:
    """Set up the reverse side of the relations among generated models."""
    for model in generated.values():
        # Set and not computed: Django would look through all models for it.
        tree = RelationTree((), incoming.get(target_label(model), NOTHING))
        vars(model._meta)["_relation_tree"] = tree
        for relation in relations_of(model):
            if key_of(relation.remote_field.model) in generated:
                attach(relation)


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
        show(target, new.incoming.get(target_label(target), NOTHING))


def relations_to_others(snapshot: Snapshot, touched: set[str]) -> Iterator[Relation]:
    """Yield the relations of the touched models to models that are not touched."""
    for key in sorted(touched):
        for relation in relations_of(snapshot.models[key]) if key in snapshot.models else ():
            if key_of(relation.remote_field.model) not in touched:
                yield relation
