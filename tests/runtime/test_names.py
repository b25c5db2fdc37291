"""A name of a definition is accepted, or refused with the reason and what to do."""

import pytest
from django.db import models
from hypothesis import given, settings
from hypothesis import strategies as st

from dynschema.exceptions import InvalidNameError, NameTakenError
from dynschema.runtime.names import FieldNames, check_field_name, check_model_name
from dynschema.runtime.registry import evolve
from dynschema.runtime.snapshot import Snapshot
from tests.runtime.builds import APP, lunch, to_user

FIELD_RULE = (
    "it must start with a lower-case letter from a to z, and go on with such letters, "
    "digits, and single underscores between them"
)
MODEL_RULE = (
    "it must start with a letter from A to Z, and go on with such letters, "
    "digits, and single underscores between them"
)
ANOTHER = "Choose another name."


class Audited(models.Model):
    created_at = models.DateTimeField()

    class Meta:
        abstract = True
        app_label = APP

    def approve(self):
        """Stand for a method of a user's base."""


@pytest.mark.parametrize(
    ("name", "reason", "remedy"),
    [
        ("", "it is empty", ANOTHER),
        ("x__y", FIELD_RULE, f'Use "x_y", or {ANOTHER.lower()}'),
        ('a"b; drop', FIELD_RULE, 'Use "a_b_drop", or choose another name.'),
        ("100%", FIELD_RULE, ANOTHER),
        ("Age", FIELD_RULE, 'Use "age", or choose another name.'),
        ("_age", FIELD_RULE, 'Use "age", or choose another name.'),
        ("age_", FIELD_RULE, 'Use "age", or choose another name.'),
        ("age\n", FIELD_RULE, 'Use "age", or choose another name.'),
        ("a\x00ge", FIELD_RULE, 'Use "a_ge", or choose another name.'),
        ("größe", FIELD_RULE, 'Use "gr_e", or choose another name.'),
        ("age²", FIELD_RULE, 'Use "age", or choose another name.'),
        ("class", "it has a meaning in Python", ANOTHER),
        ("csrfmiddlewaretoken", "every form of Django sends something of that name", ANOTHER),
        ("self", "it has a meaning in Python", ANOTHER),
        ("xmin", "every table of PostgreSQL has a column of that name", ANOTHER),
        ("a" * 64, "it has 64 characters, and 63 are possible", ANOTHER),
        ("a" * 200, "it has 200 characters, and 63 are possible", ANOTHER),
    ],
)
def test_a_field_name_is_refused_with_a_reason(name, reason, remedy):
    with pytest.raises(InvalidNameError) as caught:
        check_field_name(name, definition="question 17", source="slug")

    assert str(caught.value) == (
        f'[dynschema.E101] The name "{name}" cannot be used: {reason}. {remedy}'
    )
    assert (caught.value.definition, caught.value.source) == ("question 17", "slug")


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("objects", '"Model.objects"'),
        ("save", '"Model.save"'),
        ("delete", '"Model.delete"'),
        ("clean", '"Model.clean"'),
        ("check", '"Model.check"'),
        ("pk", '"Model.pk"'),
        ("id", 'the field "id", which every record has'),
        ("created_at", 'the field "created_at", which every record has'),
        ("get_next_by_created_at", '"Model.get_next_by_created_at"'),
        ("approve", '"Audited.approve"'),
    ],
)
def test_a_field_cannot_take_what_every_record_has(name, owner):
    with pytest.raises(NameTakenError) as caught:
        check_field_name(name, (Audited,), source="slug")

    assert str(caught.value) == (
        f'[dynschema.E102] The name "{name}" is taken by {owner}. Choose another name.'
    )
    assert caught.value.source == "slug"


@pytest.mark.parametrize("name", ["age", "a", "age_2", "select", "order", "a" * 63, "created_at"])
def test_other_field_names_are_accepted(name):
    check_field_name(name)


@pytest.mark.parametrize(
    ("fields", "name", "owner"),
    [
        ([("age", models.TextField()), ("age", models.TextField())], "age", 'the field "age"'),
        ([("user", to_user()), ("user_id", models.TextField())], "user_id", 'the field "user"'),
        ([("user_id", models.TextField()), ("user", to_user())], "user_id", 'the field "user_id"'),
        (
            [
                ("meal", models.TextField(choices=[("a", "A")])),
                ("get_meal_display", models.TextField()),
            ],
            "get_meal_display",
            'a method of the field "meal"',
        ),
        (
            [("day", models.DateField()), ("get_next_by_day", models.TextField())],
            "get_next_by_day",
            'a method of the field "day"',
        ),
    ],
)
def test_fields_of_one_model_do_not_share_a_name(fields, name, owner):
    names = FieldNames()
    names.add(*fields[0])

    with pytest.raises(NameTakenError) as caught:
        names.add(*fields[1], definition="question 17", source="slug")

    assert str(caught.value) == (
        f'[dynschema.E102] The name "{name}" is taken by {owner}. Choose another name.'
    )
    assert (caught.value.definition, caught.value.source) == ("question 17", "slug")


def test_the_column_of_a_relation_must_not_be_too_long():
    with pytest.raises(InvalidNameError, match="it has 64 characters, and 63 are possible"):
        FieldNames().add("a" * 61, to_user())


def test_a_display_method_is_only_taken_by_a_field_with_choices():
    names = FieldNames()

    names.add("meal", models.TextField())
    names.add("get_meal_display", models.TextField())


@pytest.mark.parametrize(
    ("name", "reason", "remedy"),
    [
        ("", "it is empty", ANOTHER),
        ("Lunch__Response", MODEL_RULE, 'Use "LunchResponse", or choose another name.'),
        ("lunch response", MODEL_RULE, 'Use "LunchResponse", or choose another name.'),
        ("100%", MODEL_RULE, ANOTHER),
        ("Lunch\n", MODEL_RULE, 'Use "Lunch", or choose another name.'),
        ("None", "it has a meaning in Python", ANOTHER),
        ("class", "it has a meaning in Python", 'Use "Class", or choose another name.'),
        ("ValueError", "it has a meaning in Python", ANOTHER),
        ("ForeignKey", "it has a meaning in Django", ANOTHER),
        ("Self", "it has a meaning in Python", ANOTHER),
        ("L" * 200, "it has 200 characters, and 90 are possible", ANOTHER),
    ],
)
def test_a_model_name_is_refused_with_a_reason(name, reason, remedy):
    with pytest.raises(InvalidNameError) as caught:
        check_model_name(name, APP, source="title")

    assert str(caught.value) == (
        f'[dynschema.E101] The name "{name}" cannot be used: {reason}. {remedy}'
    )
    assert caught.value.source == "title"


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("session", 'the model "sessions.Session"'),
        ("LUNCHRESPONSE", 'the dynamic model "sessions.LunchResponse"'),
    ],
)
def test_a_model_name_is_taken_in_whatever_case(name, owner):
    with pytest.raises(NameTakenError) as caught:
        check_model_name(name, APP, ["LunchResponse"])

    assert str(caught.value) == (
        f'[dynschema.E102] The name "{name}" is taken by {owner}. Choose another name.'
    )


@pytest.mark.parametrize("name", ["x__y", "a b", "meals_", "größe", "1st"])
def test_a_reverse_name_must_be_a_name(name):
    with pytest.raises(InvalidNameError) as caught:
        evolve(Snapshot(), {"survey:1": lunch(guest=to_user(related_name=name))})

    assert str(caught.value) == (
        f'[dynschema.E101] The name "{name}" cannot be used: {MODEL_RULE}. '
        'Give "sessions.LunchResponse.guest" another related_name.'
    )


def refusal(check, *arguments) -> str:
    """Give the text of the error with which a name is refused; nothing when it is accepted."""
    try:
        check(*arguments)
    except (InvalidNameError, NameTakenError) as error:
        return str(error)
    return ""


@settings(deadline=None)
@given(st.text() | st.from_regex("[a-z_]{0,70}"))
def test_any_text_is_refused_or_is_the_name_of_a_working_field(text):
    refused = refusal(check_field_name, text)

    if refused:
        assert f'The name "{text}" ' in refused
    else:
        wanted = lunch(**{text: models.IntegerField()})
        model = evolve(Snapshot(), {"survey:1": wanted}).models["survey:1"]
        assert getattr(model(**{text: 3}), text) == 3
        assert f'"{text}" = 3' in str(model.objects.filter(**{text: 3}).query)


@settings(deadline=None)
@given(st.text() | st.from_regex("[A-Za-z_]{0,95}"))
def test_any_text_is_refused_or_is_the_name_of_a_working_model(text):
    refused = refusal(check_model_name, text, APP)

    if refused:
        assert f'The name "{text}" ' in refused
    else:
        model = evolve(Snapshot(), {"survey:1": lunch(name=text)}).models["survey:1"]
        assert (model.__name__, model._meta.model_name) == (text, text.lower())
