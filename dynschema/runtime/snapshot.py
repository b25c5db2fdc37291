"""The dynamic models of one moment: immutable, complete, and quick to derive the next one from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from django.db import models

from dynschema.exceptions import NameTakenError
from dynschema.runtime.build import Build, ModelName

Incoming = Mapping[str, models.Field]
"""The relations that point to one model, by `claims`."""


@dataclass(frozen=True)
class Snapshot:
    """All builds and classes at one epoch; nothing in it ever changes."""

    epoch: Any = None
    """What the caller compares to know whether the snapshot is current."""
    builds: Mapping[str, Build] = field(default_factory=dict)
    models: Mapping[str, type[models.Model]] = field(default_factory=dict)
    names: Mapping[ModelName, str] = field(default_factory=dict)
    """The key of each model by app label and lower-case name."""
    incoming: Mapping[str, Incoming] = field(default_factory=dict)
    """The dynamic relations that point to a model, static or dynamic, by its lower-case label."""
    origin: object = field(default_factory=object)
    """Stands for the published snapshot that this one comes from."""
    touched: frozenset[str] = frozenset()
    """The keys of all models that are not as they were in the origin."""

    def model(self, app_label: str, name: str) -> type[models.Model] | None:
        """Return the dynamic model of that name, in any case, or None."""
        return self.models.get(self.names.get((app_label, name.lower()), ""))

    def models_of(self, app_label: str) -> Iterator[type[models.Model]]:
        """Yield the dynamic models of an app."""
        return (each for each in self.models.values() if each._meta.app_label == app_label)

    def dependents(self, keys: set[str]) -> set[str]:
        """Return these keys and those of all dynamic models that point to them, at any distance."""
        found, waiting = set(keys), [key for key in keys if key in self.models]
        while waiting:
            pointing = self.incoming.get(target_label(self.models[waiting.pop()]), {})
            new = {relation.model._dynschema_key for relation in pointing.values()} - found
            found |= new
            waiting.extend(new)
        return found


class RelationTree(Sequence[models.Field]):
    """What Django keeps as `_meta._relation_tree`: the relations that point to a model.

    Django keeps a list. This one takes the same time to make however many relations there are.
    """

    def __init__(self, static: tuple[models.Field, ...], dynamic: Incoming) -> None:
        """Take the relations of static models and those of dynamic ones."""
        self.static = static
        self.dynamic = dynamic

    def fields(self) -> tuple[models.Field, ...]:
        """Return all relations, each once."""
        return (*self.static, *{id(each): each for each in self.dynamic.values()}.values())

    def __iter__(self) -> Iterator[models.Field]:
        return iter(self.fields())

    def __len__(self) -> int:
        return len(self.fields())

    @overload
    def __getitem__(self, index: int) -> models.Field: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[models.Field]: ...
    def __getitem__(self, index: int | slice) -> models.Field | Sequence[models.Field]:
        return self.fields()[index]


class IncomingIndex:
    """Derives the index of incoming relations, copying only the parts that change."""

    def __init__(self, incoming: Mapping[str, Incoming]) -> None:
        """Start from the index of another snapshot."""
        self.incoming = dict(incoming)
        self._own: set[str] = set()

    def remove(self, model: type[models.Model]) -> None:
        """Forget the relations of a model."""
        for relation in relations_of(model):
            label = target_label(relation.remote_field.model)
            for claim in claims(relation):
                del self._part(label)[claim]
            if not self.incoming[label]:
                del self.incoming[label]
                self._own.discard(label)

    def add(self, model: type[models.Model]) -> None:
        """Enter the relations of a model.

        Raises:
            NameTakenError: two relations want the same name on their target.
        """
        for relation in relations_of(model):
            part = self._part(target_label(relation.remote_field.model))
            for claim in claims(relation):
                other = part.setdefault(claim, relation)
                if other is not relation:
                    raise taken(claim, relation, f'"{other}"')

    def _part(self, label: str) -> dict[str, models.Field]:
        if label not in self._own:
            self._own.add(label)
            self.incoming[label] = dict(self.incoming.get(label, {}))
        part = self.incoming[label]
        assert isinstance(part, dict)
        return part


def relations_of(model: type[models.Model]) -> Iterator[models.Field]:
    """Yield the relations that a dynamic model has to others and to itself."""
    return (each for each in model._meta.local_fields if each.remote_field)


def claims(relation: models.Field) -> set[str]:
    """Return the names that a relation takes on its target, for attributes and for look-ups.

    A hidden relation takes none; it gets one that no other can have.
    """
    related = relation.remote_field
    if related.hidden:
        return {f"{relation}+"}
    return {related.name, related.accessor_name}


def target_label(model: type[models.Model]) -> str:
    """Return the name under which the relations to a model, or to a proxy of it, are kept."""
    return model._meta.concrete_model._meta.label_lower


def taken(name: str, relation: models.Field, owner: str) -> NameTakenError:
    """Say that a relation cannot have a name on its target."""
    target = relation.remote_field.model._meta.label
    return NameTakenError(
        name=f"{target}.{name}",
        owner=f'{owner}, so "{relation}" needs another related_name',
        key=relation.model._dynschema_key,
        field=relation.name,
    )
