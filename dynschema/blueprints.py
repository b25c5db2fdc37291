"""The class with which a project says how its definitions become tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Field, Model

from dynschema import freshness
from dynschema.blocks import atomic, open_block
from dynschema.definitions import database_of, key_as_read
from dynschema.exceptions import NoTableError, UnsavedDefinitionError
from dynschema.loading import blueprints, quarantine
from dynschema.marks import Marks
from dynschema.receivers import watch

if TYPE_CHECKING:
    from dynschema.schema.plan import Plan


class Blueprint:
    """How the rows of a definition model become dynamic models.

    Subclass it next to your models; defining the subclass is all the registration there is.

    Attributes:
        definition: the model whose rows ask for a table each.
        field_definition: the model whose rows ask for a column each; it has one foreign key to
            `definition`. Leave it out when all fields come from `fields()`.
        definition_link: the name of that foreign key, if there are several.
        source_fields: the form fields that names are made from, the likeliest first; an error about
            a name is shown there.
        app_label: the app that the dynamic models belong to, where the subclass is defined.
        label: the name of the blueprint, `surveymaker.Responses`.
    """

    definition: ClassVar[type[Model]]
    field_definition: ClassVar[type[Model] | None] = None
    definition_link: ClassVar[str] = ""
    source_fields: ClassVar[tuple[str, ...]] = ("slug", "name")
    app_label: ClassVar[str]
    label: ClassVar[str]

    def __init_subclass__(cls) -> None:
        if "definition" not in vars(cls):
            return
        _refuse_composite_key(cls.definition)
        cls.app_label = cls.definition._meta.app_label
        cls.label = f"{cls.app_label}.{cls.__name__}"
        if cls.field_definition is not None and not cls.definition_link:
            cls.definition_link = _link(cls.definition, cls.field_definition)
        _refuse_shared_keys(cls)
        blueprints[cls.label] = cls()
        watch(blueprints[cls.label])

    # What a project says

    def model_name(self, definition: Any) -> str:
        """Return the name of the class for a definition, `LunchResponse`."""
        raise _unsaid(self, "model_name")

    def field_name(self, field_definition: Any) -> str:
        """Return the name of the field for a field definition, `age`."""
        raise _unsaid(self, "field_name")

    def build_field(self, field_definition: Any) -> Field[Any, Any]:
        """Return a new model field for a field definition.

        Relations to other dynamic models are given by name: `"surveymaker.LunchResponse"`.

        Raises:
            ValidationError: the row cannot become a field; under the name of a form field, the
                message appears there.
        """
        raise _unsaid(self, "build_field")

    def fields(self, definition: Any) -> Mapping[str, Field[Any, Any]]:
        """Return more fields, the same for all records of a definition, by name."""
        return {}

    def bases(self, definition: Any) -> tuple[type, ...]:
        """Return the abstract models and mixins that the class inherits from."""
        return (models.Model,)

    def meta(self, definition: Any) -> Mapping[str, Any]:
        """Return what stands in `class Meta`: verbose_name, ordering, indexes, constraints."""
        return {}

    def attributes(self, definition: Any) -> Mapping[str, Any]:
        """Return what else stands in the body of the class: `__str__`, methods, managers."""
        return {}

    def db_table(self, definition: Any) -> str | None:
        """Return the name of the table, or None for one made from the name of the model."""
        return None

    def key(self, row: Model) -> str:
        """Return the lasting identity of a definition or a field definition, `survey:3`."""
        model, own = type(row), (self.field_definition, self.definition)
        if model not in own:  # A row that was read through a proxy is the same row.
            model = next((each for each in own if each and isinstance(row, each)), model)
        return f"{model._meta.model_name}:{key_as_read(type(row), row.pk)}"

    # What a project asks

    @classmethod
    def model_for(cls, definition: Model) -> type[Any]:
        """Return the current class for the records of a definition.

        Raises:
            UnsavedDefinitionError: the definition has no primary key yet.
            NoTableError: the definition has no table, or its class cannot be built.
        """
        _require_saved(definition)
        blueprint = blueprints[cls.label]
        using, key = database_of(blueprint), blueprint.key(definition)
        snapshot = freshness.trusted(using)
        if snapshot is None:
            _catch_up(using, cls.label, definition)
            snapshot = freshness.current(using)
        model = snapshot.models.get(key)
        if model is None:
            raise _no_table(definition, key)
        return model

    @classmethod
    def models(cls) -> list[type[Any]]:
        """Return the current classes of all definitions."""
        snapshot = freshness.current(database_of(blueprints[cls.label]))
        mine = (key for key, build in snapshot.builds.items() if build.blueprint == cls.label)
        return [snapshot.models[key] for key in mine]

    @classmethod
    def plan(cls, definition: Model) -> Plan:
        """Return what a sync would do to the table of a definition; change nothing.

        Raises:
            DefinitionError: the definition cannot become a table.
            PlanError: the data would not survive.
            UnsavedDefinitionError: the definition has no primary key yet.
        """
        # Most processes plan nothing; see `Block.sync`.
        from dynschema.schema.plan import Plan  # noqa: PLC0415
        from dynschema.sync import plan  # noqa: PLC0415

        _require_saved(definition)
        key = blueprints[cls.label].key(definition)
        plans = plan(database_of(blueprints[cls.label]), _marks(cls.label, definition))
        return next((each for each in plans if each.key == key), Plan("", key))

    @classmethod
    def sync(cls, definition: Model) -> Plan:
        """Bring the table of a definition to what the definition asks for in the database.

        Needed after `QuerySet.update()`, `bulk_create()` and raw SQL, which nobody notices.

        Returns:
            The plan that was carried out; empty when there was nothing to do.

        Raises:
            DefinitionError: the definition cannot become a table.
            PlanError: the data would not survive.
            UnsavedDefinitionError: the definition has no primary key yet.
        """
        from dynschema.schema.plan import Plan  # noqa: PLC0415

        _require_saved(definition)
        key = blueprints[cls.label].key(definition)
        with atomic(database_of(blueprints[cls.label])) as block:
            block.mark(_marks(cls.label, definition))
            block.sync()
            table = cls.model_for(definition)._meta.db_table
            return next((each for each in block.plans if each.key == key), Plan(table, key))


def _require_saved(definition: Model) -> None:
    if definition.pk is None:
        raise UnsavedDefinitionError(label=_described(definition), definition=definition)


def _marks(label: str, definition: Model) -> Marks:
    return Marks.of(label, key_as_read(type(definition), definition.pk))


def _catch_up(using: str, label: str, definition: Model) -> None:
    """Carry out what a block has marked, since its own code is to see the new class."""
    block = open_block(using)
    if block is not None and block.marks.definitions & _marks(label, definition).definitions:
        block.sync()


def _no_table(definition: Model, key: str) -> NoTableError:
    broken = quarantine.get(key)
    if broken is not None:
        reason, remedy = f"it cannot be built ({broken})", "Correct the definition."
    else:
        reason = "no change was noticed that would have made one"
        remedy = "Call sync() on its blueprint, or run `manage.py dynschema sync`."
    return NoTableError(
        label=_described(definition), reason=reason, remedy=remedy, definition=definition
    )


def _described(definition: Model) -> str:
    return f'The {definition._meta.verbose_name} "{definition}"'


def _link(definition: type[Model], field_definition: type[Model]) -> str:
    """Return the name of the one foreign key from the field definition to the definition."""
    fields = field_definition._meta.local_fields
    links = [each.name for each in fields if _points_to_key(each, definition)]
    if len(links) != 1:
        raise ImproperlyConfigured(
            f"{field_definition._meta.label} has {len(links)} foreign keys to "
            f"{definition._meta.label}; name the one that counts as `definition_link`."
        )
    return links[0]


def _points_to_key(field: Any, definition: type[Model]) -> bool:
    """True for a foreign key to the primary key of the definition, which marks carry."""
    target = field.remote_field
    if target is None or target.model is not definition:
        return False
    return target.field_name in (None, definition._meta.pk.name)


def _refuse_composite_key(definition: type[Model]) -> None:
    """The key of a table is made from one value."""
    if isinstance(definition._meta.pk, models.CompositePrimaryKey):
        raise ImproperlyConfigured(
            f"{definition._meta.label} has a composite primary key, and definitions need one of a "
            "single field."
        )


def _refuse_shared_keys(blueprint: type[Blueprint]) -> None:
    """Two blueprints of models with the same name need keys of their own."""
    for other in blueprints.values():
        same = other.definition._meta.model_name == blueprint.definition._meta.model_name
        if same and other.label != blueprint.label and "key" not in vars(blueprint):
            raise ImproperlyConfigured(
                f"{blueprint.label} and {other.label} would give the same keys to their tables; "
                "override `key()` in one of them."
            )


def _unsaid(blueprint: Blueprint, method: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{blueprint.label} needs a method `{method}()`.")
