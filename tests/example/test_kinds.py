"""Each kind of question becomes one Django field; a bad one gets a message on its form field."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models

from surveymaker.kinds import KINDS, build_field
from surveymaker.models import Question, Survey

FIELDS = {
    "text": (models.CharField, {"max_length": 200}),
    "longtext": (models.TextField, {}),
    "integer": (models.IntegerField, {}),
    "decimal": (models.DecimalField, {"max_digits": 12, "decimal_places": 2}),
    "boolean": (models.BooleanField, {}),
    "date": (models.DateField, {}),
    "datetime": (models.DateTimeField, {}),
    "choice": (models.CharField, {"max_length": 200, "choices": [("a", "a"), ("b", "b")]}),
    "email": (models.EmailField, {"max_length": 254}),
    "url": (models.URLField, {"max_length": 200}),
    "json": (models.JSONField, {}),
    "user": (models.ForeignKey, {}),
    "survey": (models.ForeignKey, {}),
}


def question(**values) -> Question:
    """Make a question of the survey "lunch", without saving anything."""
    survey = Survey(title="Lunch", slug="lunch")
    return Question(**{"survey": survey, "slug": "q", "kind": "text", **values})


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_field(kind):
    asked = question(kind=kind, choices="lunch" if kind == "survey" else "a, b")

    field = build_field(asked)

    field_class, attributes = FIELDS[kind]
    assert isinstance(field, field_class)
    assert {name: getattr(field, name) for name in attributes} == attributes


@pytest.mark.parametrize("kind", KINDS)
def test_the_options_of_a_question_reach_the_field_of_every_kind(kind):
    options = {"text": "How many?", "choices": "lunch"}

    optional = build_field(question(kind=kind, **options))
    required = build_field(question(kind=kind, required=True, unique=True, **options))

    assert (optional.null, optional.blank, optional.unique) == (True, True, False)
    assert (required.null, required.blank, required.unique) == (False, False, True)
    assert optional.verbose_name == required.verbose_name == "How many?"


def test_a_question_without_a_text_is_labelled_with_its_slug():
    assert build_field(question(slug="how-many")).verbose_name == "how-many"


@pytest.mark.parametrize(
    ("indexed", "unique", "expected"),
    [(False, False, False), (True, False, True), (True, True, False)],
)
def test_a_unique_question_needs_no_second_index(indexed, unique, expected):
    assert build_field(question(indexed=indexed, unique=unique)).db_index is expected


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("Soup, Curry", ["Soup", "Curry"]),
        (" Soup ,, Curry,", ["Soup", "Curry"]),
        ("Soup, hot\nCurry", ["Soup, hot", "Curry"]),
        ("Soup\r\n\r\nCurry\r\n", ["Soup", "Curry"]),
        ("Soup\n", ["Soup"]),
        ("'; DROP TABLE x; --", ["'; DROP TABLE x; --"]),
        ("x" * 200, ["x" * 200]),
    ],
)
def test_choices_are_read_by_line_or_between_commas(text, choices):
    field = build_field(question(kind="choice", choices=text))

    assert field.choices == [(each, each) for each in choices]


BAD_QUESTIONS = [
    (
        {"kind": "colour"},
        {
            "kind": 'There is no kind "colour". Choose one of: text, longtext, integer, decimal, '
            "boolean, date, datetime, choice, email, url, json, user, survey."
        },
    ),
    (
        {"kind": "choice", "choices": " \n"},
        {"choices": "A choice question needs choices. Write one per line, or use commas."},
    ),
    (
        {"kind": "choice", "choices": "Soup, Curry, Soup"},
        {"choices": 'The choice "Soup" is there twice. Remove one of them.'},
    ),
    (
        {"kind": "choice", "choices": "y" * 201},
        {
            "choices": 'The choice "yyyyyyyyyyyyyyyyyyyy…" has 201 characters, and 200 are '
            "possible. Shorten it."
        },
    ),
]


@pytest.mark.parametrize(("values", "messages"), BAD_QUESTIONS)
def test_a_bad_question_is_refused_on_the_form_field_at_fault(values, messages):
    asked = question(**values)

    with pytest.raises(ValidationError) as caught:
        build_field(asked)

    assert caught.value.message_dict == {name: [text] for name, text in messages.items()}


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["", "dinner"])
def test_a_reference_to_a_survey_that_is_not_there_is_refused(slug):
    asked = question(kind="survey", choices=slug)

    with pytest.raises(ValidationError) as caught:
        build_field(asked)

    assert caught.value.message_dict == {
        "choices": [f'There is no survey "{slug}". Write the slug of a survey that exists.']
    }


def test_a_survey_can_refer_to_itself():
    field = build_field(question(kind="survey", choices=" lunch "))

    assert field.remote_field.model == "self"


@pytest.mark.django_db
def test_a_survey_refers_to_another_by_the_name_of_its_model():
    Survey.objects.create(title="Poll", slug="2024-poll")

    field = build_field(question(kind="survey", choices="2024-poll"))

    assert field.remote_field.model == "surveymaker.Survey2024PollResponse"


@pytest.mark.parametrize("kind", ["user", "survey"])
@pytest.mark.parametrize(
    ("required", "on_delete"), [(True, models.CASCADE), (False, models.SET_NULL)]
)
def test_an_answer_that_must_name_something_goes_away_with_it(kind, required, on_delete):
    field = build_field(question(kind=kind, choices="lunch", required=required))

    assert field.remote_field.on_delete is on_delete
    assert field.remote_field.related_name == "+"
    assert field.db_index is True


def test_a_user_question_refers_to_the_user_model():
    field = build_field(question(kind="user"))

    assert field.remote_field.model in {"auth.User", User}


@pytest.mark.parametrize("given", ["example.org", "https://example.org"])
def test_a_web_address_without_a_scheme_is_taken_as_https(given):
    form_field = build_field(question(kind="url")).formfield()

    assert form_field.clean(given) == "https://example.org"
