"""The dynamic models of one moment: immutable, complete, and quick to derive the next one from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Model

from dynschema.exceptions import NameTakenError
from dynschema.runtime.build import Build, ModelClass, ModelName, Relation, key_of
from dynschema.runtime.persistent_map import PersistentMap

Incoming = PersistentMap[str, Relation]
"""The relations that point to one model, by `claims`."""

NOTHING: Incoming = PersistentMap()


@dataclass(frozen=True)
class Snapshot:
    """All builds and classes at one epoch; nothing in it ever changes."""

    epoch: Any = None
    """What the caller compares to know whether the snapshot is current."""
    builds: PersistentMap[str, Build] = field(default_factory=PersistentMap)
    models: PersistentMap[str, type[Model]] = field(default_factory=PersistentMap)
    names: PersistentMap[ModelName, str] = field(default_factory=PersistentMap)
    """The key of each model by app label and lower-case name."""
    incoming: PersistentMap[str, Incoming] = field(default_factory=PersistentMap)
    """The dynamic relations that point to a model, static or dynamic, by its lower-case label."""
    notes: Mapping[Any, Any] = field(default_factory=dict)
    """What the caller knows that holds at this epoch."""
    origin: object = field(default_factory=object)
    """Stands for the published snapshot that this one comes from."""
    touched: frozenset[str] = frozenset()
    """The keys of all models that are not as they were in the origin."""

    def model(self, app_label: str, name: str) -> type[Model] | None:
        """Return the dynamic model of that name, in any case, or None."""
        return self.models.get(self.names.get((app_label, name.lower()), ""))

    def models_of(self, app_label: str) -> Iterator[type[Model]]:
        """Yield the dynamic models of an app."""
        return (each for each in self.models.sorted().values() if each._meta.app_label == app_label)

    def dependents(self, keys: set[str]) -> set[str]:
        """Return these keys and those of all dynamic models that point to them, at any distance."""
        found, waiting = set(keys), [key for key in keys if key in self.models]
        while waiting:
            pointing = self.incoming.get(target_label(self.models[waiting.pop()]), NOTHING)
            new = {key_of(relation.model) for relation in pointing.sorted().values()} - found
            found |= new
            waiting.extend(new)
        return found

    def pointing_to_fields_of(self, key: str) -> set[str]:
        """Return the keys of the dynamic models that point to a field that a definition asks for.

        Their columns follow the type of that field, and need it to stay, and to stay unique. Only
        the number that Django gives to every record is always the same.
        """
        if key not in self.models:
            return set()
        meta: Any = self.models[key]._meta
        incoming = self.incoming.get(target_label(self.models[key]), NOTHING).sorted().values()
        number = meta.pk.name if meta.pk.auto_created else None
        return {key_of(each.model) for each in incoming if each.remote_field.field_name != number}

    def targets_of(self, key: str) -> set[str]:
        """Return the keys of the dynamic models that a model points to; a new one has none yet."""
        relations = relations_of(self.models[key]) if key in self.models else ()
        return {key_of(each.remote_field.model) for each in relations} - {""}


class RelationTree(Sequence[Relation]):
    """What Django keeps as `_meta._relation_tree`: the relations that point to a model.

    Django keeps a list. This one takes the same time to make however many relations there are.
    """

    def __init__(self, static: tuple[Relation, ...], dynamic: Incoming) -> None:
        """Take the relations of static models and those of dynamic ones."""
        self.static = static
        self.dynamic = dynamic

    @cached_property
    def fields(self) -> tuple[Relation, ...]:
        """All relations, each once."""
        dynamic = {id(each): each for each in self.dynamic.sorted().values()}
        return (*self.static, *dynamic.values())

    def __iter__(self) -> Iterator[Relation]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __getitem__(self, index: int | slice) -> Any:
        return self.fields[index]


class IncomingChanges:
    """Derives the incoming relations of the next snapshot from those of the last."""

    def __init__(self, incoming: PersistentMap[str, Incoming]) -> None:
        """Start from the relations of a snapshot."""
        self._old = incoming
        self._changes: dict[str, dict[str, Relation | None]] = {}

    def remove(self, model: ModelClass) -> None:
        """Forget the relations of a model."""
        for relation in relations_of(model):
            changes = self._changes_of(relation)
            changes |= dict.fromkeys(claims(relation))

    def add(self, model: ModelClass) -> None:
        """Enter the relations of a model.

        Raises:
            NameTakenError: two relations want the same name on their target.
        """
        for relation in relations_of(model):
            changes = self._changes_of(relation)
            old = self._old.get(target_label(relation.remote_field.model), NOTHING)
            for claim in claims(relation):
                other = changes.get(claim) if claim in changes else old.get(claim)
                if other is not None:
                    raise taken(claim, relation, f'"{other}"')
            changes |= dict.fromkeys(claims(relation), relation)

    def result(self) -> PersistentMap[str, Incoming]:
        """Return the incoming relations of the next snapshot."""
        changed = {
            label: self._old.get(label, NOTHING).changed(changes)
            for label, changes in self._changes.items()
        }
        return self._old.changed({label: each or None for label, each in changed.items()})

    def _changes_of(self, relation: Relation) -> dict[str, Relation | None]:
        return self._changes.setdefault(target_label(relation.remote_field.model), {})


def relations_of(model: ModelClass) -> Iterator[Relation]:
    """Yield the relations that a dynamic model has to others and to itself."""
    return (each for each in model._meta.local_fields if each.remote_field)


def claims(relation: Relation) -> set[str]:
    """Return the names that a relation takes on its target, for attributes and for look-ups.

    A hidden relation takes none; it gets one that no other can have.
    """
    related = relation.remote_field
    if related.hidden:
        return {f"{relation}+"}
    return {related.name, related.accessor_name}


def target_label(model: ModelClass) -> str:
    """Return the name under which the relations to a model, or to a proxy of it, are kept."""
    label: str = model._meta.concrete_model._meta.label_lower
    return label


def taken(name: str, relation: Relation, owner: str) -> NameTakenError:
    """Say that a relation cannot have a name on its target."""
    target = relation.remote_field.model._meta.label
    return NameTakenError(
        name=f"{target}.{name}",
        owner=f'{owner}, so "{relation}" needs another related_name',
        key=key_of(relation.model),
        field=relation.name,
    )
