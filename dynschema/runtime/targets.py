"""Shows static models, and unchanged dynamic ones, which relations point to them now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dynschema.runtime.build import ModelClass, Relation, key_of
from dynschema.runtime.snapshot import Incoming, RelationTree


def attach(relation: Relation) -> None:
    """Give the target of a relation its accessor, `user.lunchresponse_set`."""
    relation.contribute_to_related_class(relation.remote_field.model, relation.remote_field)


def detach(relation: Relation) -> None:
    """Take the accessor of a relation away again, unless another relation has taken it over."""
    related = relation.remote_field
    if related.hidden:
        return
    target = related.model._meta.concrete_model
    descriptor = vars(target).get(related.accessor_name)
    if relation_behind(descriptor) is relation:
        delattr(target, related.accessor_name)
    if related.limit_choices_to:
        related.model._meta.related_fkey_lookups.remove(related.limit_choices_to)


def relation_behind(descriptor: object) -> Relation | None:
    """Return the relation whose reverse side a descriptor is, or None."""
    related = getattr(descriptor, "rel", None) or getattr(descriptor, "related", None)
    return getattr(related, "field", None)


def show(target: ModelClass, incoming: Incoming) -> None:
    """Let Django see exactly these dynamic relations to a model, besides the static ones.

    Everything that Django derives from them is dropped for this model and its subclasses alone;
    `apps.clear_cache()` would do it for all models.
    """
    concrete = target._meta.concrete_model
    for model in family(concrete):
        state = vars(model._meta)
        if "_relation_tree" in state and model._meta.concrete_model is concrete:
            state["_relation_tree"] = RelationTree(static_relations(model), incoming)
        for derived in ("related_objects", "fields_map", "_reverse_one_to_one_field_names"):
            state.pop(derived, None)
        model._meta._get_fields_cache = {}


def family(model: ModelClass) -> Iterator[ModelClass]:
    """Yield a model and all that inherit from it."""
    yield model
    for child in model.__subclasses__():
        yield from family(child)


def static_relations(model: ModelClass) -> tuple[Relation, ...]:
    """Return the relations of static models that point to a model; none to a dynamic one."""
    if key_of(model):
        return ()
    tree: Iterable[Relation] = model._meta._relation_tree
    if isinstance(tree, RelationTree):
        return tree.static
    return tuple(each for each in tree if not key_of(each.model))
