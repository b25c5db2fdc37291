"""What can be injected, updated and waited for, and what is refused with file and line."""

import inspect

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.migrations.state import ProjectState
from django.forms import modelform_factory

from dynschema.evolution import do_when_prepared, inject_field, update_field
from dynschema.evolution.inject.exceptions import (
    DuplicateFieldError,
    ForbiddenInjectionError,
    ForbiddenUpdateError,
    InjectionError,
    NeverPreparedError,
    UnknownFieldError,
    UnusableModelError,
)
from dynschema.evolution.inject.hiding import as_declared
from tests.forms.models import Form

REQUIRED = (
    "it is required and has no default, so code without it could add no rows. "
    "Give the field a default, or null=True."
)
GENERATED = (
    "it is generated from columns that the migrations of the app could not change then. "
    "Use a property, or annotate()."
)

INSTANCE = (
    "it is no field but <class 'django.db.models.fields.IntegerField'>. "
    "Give an instance, as models.IntegerField(null=True)."
)


def number(**options):
    return models.IntegerField(default=1, **options)


def refused(error, call):
    """Give the message of a refusal, with PLACE for the line of the call."""
    with pytest.raises(error) as caught:
        call()
    line = inspect.getsourcelines(call)[1]
    place = f"{__file__}:{line}"
    assert place in str(caught.value)
    return str(caught.value).replace(place, "PLACE")


# Fields


def test_a_field_is_there_at_once_after_the_fields_of_the_class(make_model):
    field = number(verbose_name="size")
    leaf = make_model("Leaf", color=models.CharField(max_length=9))

    inject_field(leaf, "size", field)

    assert [each.name for each in leaf._meta.fields] == ["id", "color", "size"]
    assert leaf().size == 1
    assert leaf._meta.get_field("size") is not field
    assert leaf(3, "red", 5).size == 5


def test_none_is_no_model_and_nothing_is_done():
    inject_field(None, "size", number())
    update_field(None, "size", verbose_name="big")
    do_when_prepared(pytest.fail, None)


def test_children_see_the_field_however_often_they_were_asked_before(make_model):
    tree = make_model("Tree")
    oak = make_model("Oak", tree)
    old_oak = make_model(
        "OldOak", oak, Meta=type("Meta", (), {"proxy": True, "app_label": "forms"})
    )
    asked = [[each.name for each in model._meta.get_fields()] for model in (tree, oak, old_oak)]

    inject_field("forms.Tree", "size", number())

    assert asked == [["oak", "id"], ["id", "tree_ptr"], ["id", "tree_ptr"]]
    for model in (tree, oak, old_oak):
        assert "size" in [each.name for each in model._meta.concrete_fields]
        assert model(size=4).size == 4
        assert "size" in modelform_factory(model, fields="__all__").base_fields


def test_relations_are_seen_from_the_other_side(make_model):
    tree, bird = make_model("Tree"), make_model("Bird")
    before = [each.name for each in bird._meta.get_fields()]

    inject_field(tree, "owl", models.ForeignKey(bird, models.SET_NULL, null=True))
    inject_field(tree, "guests", models.ManyToManyField("forms.Bird", related_name="hosts"))
    apps.all_models["forms"].pop("tree_guests")

    assert before == ["id"]
    assert [each.name for each in bird._meta.get_fields()] == ["tree", "hosts", "id"]


def test_a_field_without_a_column_needs_no_value(make_model):
    note = make_model("Note")
    inject_field(note, "kind", models.ForeignKey(ContentType, models.CASCADE, null=True))
    inject_field(note, "number", models.BigIntegerField(null=True))

    inject_field(note, "about", GenericForeignKey("kind", "number"))

    assert [each.name for each in note._meta.private_fields] == ["about"]
    assert note(about=None).number is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("color", "forms.Leaf has a field of that name"),
        ("shade", "forms.Leaf has an attribute of that name"),
        ("veins", "forms.OakLeaf has a field of that name"),
        ("hue", 'the column "hue" is that of the field "tint"'),
    ],
)
def test_what_is_there_already_is_refused(make_model, name, reason):
    leaf = make_model(
        "Leaf",
        color=models.CharField(max_length=9),
        tint=models.IntegerField(db_column="hue"),
        shade=property(lambda self: self.color),
    )
    make_model("OakLeaf", leaf, veins=models.IntegerField())

    assert refused(DuplicateFieldError, lambda: inject_field("forms.Leaf", name, number())) == (
        f'[dynschema.E590] The field "{name}" cannot be injected into forms.Leaf (PLACE): '
        f"{reason}. Inject it under another name, or take one of the two away."
    )
    with pytest.raises((FieldDoesNotExist, AssertionError)):
        assert leaf._meta.get_field(name) not in leaf._meta.local_fields


def test_what_was_injected_before_is_refused_with_both_places(make_model):
    leaf = make_model("Leaf")
    inject_field(leaf, "size", number())
    line = inspect.currentframe().f_lineno - 1

    again = refused(DuplicateFieldError, lambda: inject_field(leaf, "size", number()))
    key = refused(
        DuplicateFieldError, lambda: inject_field(leaf, "big", number(), key="forms.Leaf.size")
    )

    assert f"(PLACE): it was injected before ({__file__}:{line})." in again
    assert f'the key "forms.Leaf.size" was used before ({__file__}:{line}).' in key


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (
            models.CharField(max_length=9),
            REQUIRED,
        ),
        (
            models.ForeignKey(User, models.CASCADE),
            REQUIRED,
        ),
        (
            models.GeneratedField(
                expression=models.F("id") + 1,
                output_field=models.IntegerField(),
                db_persist=True,
            ),
            GENERATED,
        ),
        (
            models.AutoField(primary_key=True),
            "it would be the primary key. The primary key is up to the app itself.",
        ),
        (
            models.IntegerField,
            INSTANCE,
        ),
    ],
)
def test_a_field_without_which_no_row_can_be_added_is_refused(make_model, field, words):
    make_model("Leaf")

    assert refused(ForbiddenInjectionError, lambda: inject_field("forms.Leaf", "size", field)) == (
        f'[dynschema.E591] The field "size" cannot be injected into forms.Leaf (PLACE): {words}'
    )


def test_a_name_that_no_class_could_have_is_refused(make_model):
    leaf = make_model("Leaf")

    assert refused(ForbiddenInjectionError, lambda: inject_field(leaf, "the size", number())) == (
        '[dynschema.E591] The field "the size" cannot be injected into forms.Leaf (PLACE): '
        "a class could not have a field of that name. Use letters, digits and underscores."
    )


def test_a_proxy_is_refused_with_its_model(make_model):
    leaf = make_model("Leaf")
    make_model("Old", leaf, Meta=type("Meta", (), {"proxy": True, "app_label": "forms"}))

    assert refused(
        ForbiddenInjectionError, lambda: inject_field("forms.Old", "size", number())
    ).endswith(
        "it is a proxy of forms.Leaf and has no table. "
        'Inject it into "forms.Leaf"; the proxy will have it.'
    )


def test_a_model_that_is_swapped_is_refused_with_its_setting(settings):
    settings.AUTH_USER_MODEL = "forms.Form"

    assert refused(
        ForbiddenInjectionError, lambda: inject_field("auth.User", "size", number())
    ).endswith(
        "it is swapped for forms.Form and has no table. Inject it into settings.AUTH_USER_MODEL."
    )


@pytest.mark.parametrize("spec", ["Leaf", "forms.Leaf.size", ".", 7, object])
def test_what_is_no_model_is_refused(spec):
    call = lambda: inject_field(spec, "size", number())  # noqa: E731 - its line counts

    assert refused(UnusableModelError, call) == (
        f"[dynschema.E595] There is no model to wait for in {spec!r} (PLACE). "
        'Give a model class, "app.Model", or None.'
    )


def test_an_abstract_class_is_refused(make_model):
    base = make_model("Base", Meta=type("Meta", (), {"abstract": True}))

    assert "the abstract Base (PLACE)" in refused(
        UnusableModelError, lambda: do_when_prepared(print, base)
    )


def test_a_name_that_nobody_has_is_refused_once_all_apps_are_loaded():
    assert refused(NeverPreparedError, lambda: inject_field("forms.Nobody", "size", number())) == (
        "[dynschema.E594] 1 call is still waiting for models that are not there, although all apps "
        "are loaded: \"forms.Nobody\", inject_field(forms.Nobody, 'size', …) (PLACE). Correct the "
        "name of the model (an abstract one is never there), or add its app to INSTALLED_APPS."
    )


# Functions


def test_a_function_is_called_with_each_class():
    called = []

    do_when_prepared(called.append, "auth.User", Form, "forms.FORM")

    assert called == [User, Form, Form]


# Updates


def test_a_field_is_updated_as_if_it_had_been_declared_so(make_model):
    leaf = make_model("Leaf", color=models.CharField("colour", max_length=3, blank=True))
    field = leaf._meta.get_field("color")

    update_field(
        "forms.Leaf",
        "color",
        verbose_name="hue",
        help_text="As seen.",
        default="red",
        choices=[("red", "Red")],
        blank=False,
    )

    assert leaf._meta.get_field("color") is field
    assert (field.verbose_name, field.help_text, field.max_length) == ("hue", "As seen.", 3)
    assert (leaf().color, leaf().get_color_display()) == ("red", "Red")
    assert list(modelform_factory(leaf, fields="__all__")().fields["color"].choices) == [
        ("red", "Red")
    ]
    with pytest.raises(ValidationError, match="at most 3 characters"):
        field.run_validators("green")


def test_a_method_for_choices_that_the_model_has_itself_stays(make_model):
    leaf = make_model(
        "Leaf", color=models.TextField(), get_color_display=lambda self: f"very {self.color}"
    )

    update_field(leaf, "color", choices=[("red", "Red")])

    assert leaf(color="red").get_color_display() == "very red"


def test_migrations_know_the_field_as_its_app_declares_it(make_model):
    leaf = make_model("Leaf", color=models.CharField("colour", max_length=3))
    declared = leaf._meta.get_field("color").deconstruct()[1:]

    update_field(leaf, "color", verbose_name="hue")
    update_field(leaf, "color", help_text="As seen.")
    inject_field(leaf, "size", number())
    seen = as_declared(ProjectState.from_apps(apps)).models["forms", "leaf"].fields

    assert list(seen) == ["id", "color"]
    assert seen["color"].deconstruct()[1:] == declared


def test_an_inherited_field_is_updated_for_the_child_alone(make_model):
    tree = make_model("Tree", name=models.CharField("name", max_length=9, default="tree"))
    oak = make_model("Oak", tree)
    old_oak = make_model("OldOak", oak)
    elm = make_model("Elm", tree)

    update_field(oak, "name", verbose_name="oak's name", default="oak", choices=[("oak", "Oak")])
    update_field(oak, "name", help_text="Of the oak.")

    shown = {
        model.__name__: (str(field.verbose_name), model().name, field.help_text)
        for model in (tree, oak, old_oak, elm)
        for field in [model._meta.get_field("name")]
    }
    assert shown == {
        "Tree": ("name", "tree", ""),
        "Oak": ("oak's name", "oak", "Of the oak."),
        "OldOak": ("oak's name", "oak", "Of the oak."),
        "Elm": ("name", "tree", ""),
    }
    assert oak().get_name_display() == "Oak"
    assert oak.objects.filter(name="x").query.where.children[0].lhs.target.model is tree
    assert modelform_factory(oak, fields="__all__").base_fields["name"].label == "Oak's name"


def test_a_field_of_an_abstract_base_is_updated_for_one_model_alone(make_model):
    base = make_model(
        "Base", Meta=type("Meta", (), {"abstract": True}), name=models.CharField(max_length=9)
    )
    oak, elm = make_model("Oak", base), make_model("Elm", base)

    update_field(oak, "name", verbose_name="oak's name")

    assert [str(each._meta.get_field("name").verbose_name) for each in (oak, elm)] == [
        "oak's name",
        "name",
    ]


def test_an_injected_field_can_be_updated_in_its_column_too(make_model):
    leaf = make_model("Leaf")
    inject_field(leaf, "size", models.DecimalField(max_digits=4, decimal_places=1, default=0))

    update_field(leaf, "size", max_digits=6, null=True)

    assert (leaf._meta.get_field("size").max_digits, leaf._meta.get_field("size").null) == (6, True)
    assert "it is required" in refused(
        ForbiddenInjectionError,
        lambda: inject_field(leaf, "large", models.IntegerField(null=False)),
    )


def test_a_column_of_the_app_itself_is_not_updated(make_model):
    make_model("Leaf", color=models.CharField(max_length=3))

    assert refused(
        ForbiddenUpdateError, lambda: update_field("forms.Leaf", "color", null=True)
    ) == (
        '[dynschema.E593] The field "color" of forms.Leaf cannot be updated (PLACE): "null" is '
        "none of blank, choices, default, editable, error_messages, help_text, limit_choices_to, "
        "validators, verbose_name. Leave the column to the migrations of its app."
    )


def test_a_field_that_is_not_there_is_refused(make_model):
    make_model("Leaf", color=models.CharField(max_length=3))

    assert refused(UnknownFieldError, lambda: update_field("forms.Leaf", "size", blank=True)) == (
        '[dynschema.E592] The field "size" of forms.Leaf cannot be updated (PLACE): the model has '
        "no such field; it has color, id. Correct the name, or inject the field first."
    )


def test_every_refusal_can_be_caught_as_one():
    with pytest.raises(InjectionError):
        inject_field("forms.Nobody", "size", number())
