"""Promise 12: no name, choice or reference of a definition breaks Python, SQL or the site."""

import pytest
from django.db import models

from dynschema.exceptions import (
    DefinitionError,
    InvalidDefinitionError,
    InvalidNameError,
    NameTakenError,
    UnknownTargetError,
)
from surveymaker.models import Question, Responses, Survey
from tests.forms.models import Design
from tests.support import builders
from tests.support.builders import answers, entries, question, survey
from tests.support.state import columns, query, state

pytestmark = pytest.mark.django_db

SPELLING = (
    "it must start with a lower-case letter from a to z, and go on with such letters, "
    "digits, and single underscores between them"
)


def refusal(change, kind: type[DefinitionError] = DefinitionError) -> DefinitionError:
    """Return the refusal, after which nothing was stored and nothing created."""
    before = state()
    with pytest.raises(kind) as error:
        change()
    assert state().differences(before) == []
    return error.value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("", "it is empty. Choose another name."),
        ('a"b; drop', f'{SPELLING}. Use "a_b_drop", or choose another name.'),
        ("x__y", f'{SPELLING}. Use "x_y", or choose another name.'),
        ("100%", f"{SPELLING}. Choose another name."),
        ("x" * 200, "it has 200 characters, and 63 are possible. Choose another name."),
        ("class", None),
        ("None", None),
        ("ünïcode", None),
        ("_private", None),
        ("trailing_", None),
        ("a b", None),
        ("a\nb", None),
        ("xmin", None),
        ("%s", None),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_name_that_cannot_be_a_name_is_refused(name, text):
    form = builders.form("lunch", age=models.IntegerField(null=True))

    error = refusal(lambda: add_to(form, name), InvalidNameError)

    assert str(error).startswith(f'[dynschema.E101] The name "{name}" cannot be used: ')
    if text is not None:
        assert str(error) == f'[dynschema.E101] The name "{name}" cannot be used: {text}'
    assert error.definition.name == name


def add_to(form, name):
    builders.add(form, name, models.IntegerField(null=True))


@pytest.mark.parametrize(
    "name", ["objects", "save", "pk", "delete", "id", "check", "full_clean", "serializable_value"]
)
def test_a_name_that_every_record_has_is_refused(name):
    form = builders.form("lunch", age=models.IntegerField(null=True))

    error = refusal(lambda: add_to(form, name))

    assert str(error).startswith(f'[dynschema.E10{error.code[-1]}] The name "{name}" ')


@pytest.mark.parametrize("name", ["age", "AGE", "Age"])
def test_two_names_that_differ_in_nothing_or_only_in_case_are_refused(name):
    form = builders.form("lunch", age=models.IntegerField(null=True))

    refusal(lambda: add_to(form, name))


def test_a_name_that_a_reference_needs_for_its_column_is_refused():
    form = builders.form(
        "lunch", who=models.ForeignKey("auth.User", models.CASCADE, null=True, related_name="+")
    )

    error = refusal(lambda: add_to(form, "who_id"), NameTakenError)

    assert str(error) == (
        '[dynschema.E102] The name "who_id" is taken by the field "who". Choose another name.'
    )


IMPOSSIBLE_IN_A_DATABASE = [
    'a"b',
    "100%",
    "a%%b",
    "a\nb",
    "a\x00b",
    "XMIN",
    "pg_class",
    "sqlite_master",
    "x" * 64,
    "ü" * 32,
]


@pytest.mark.parametrize("name", IMPOSSIBLE_IN_A_DATABASE, ids=lambda name: repr(name)[:20])
def test_a_column_that_no_database_could_keep_is_refused(name):
    form = builders.form("lunch", age=models.IntegerField(null=True))

    error = refusal(
        lambda: builders.add(form, "guests", models.IntegerField(null=True, db_column=name)),
        InvalidNameError,
    )

    assert str(error).startswith(f'[dynschema.E101] The name "{name}" cannot be used: ')
    assert error.definition.name == "guests"


@pytest.mark.parametrize("name", IMPOSSIBLE_IN_A_DATABASE, ids=lambda name: repr(name)[:20])
def test_a_table_that_no_database_could_keep_is_refused(name):
    error = refusal(
        lambda: builders.form("lunch", builders.Design(db_table=name)), InvalidNameError
    )

    assert str(error).startswith(f'[dynschema.E101] The name "{name}" cannot be used: ')
    assert error.definition.name == "lunch"


def test_long_names_that_differ_only_at_the_end_have_their_own_columns():
    names = ["x" * 62 + "a", "x" * 62 + "b"]
    form = builders.form("lunch", **{name: models.IntegerField(null=True) for name in names})
    builders.change(form, names[0], models.IntegerField(null=True, unique=True))

    entries(form).objects.create(**dict(zip(names, (1, 2), strict=True)))

    assert columns("forms_lunchentry") == ["id", *names]


def test_long_names_of_surveys_that_differ_only_at_the_end_have_their_own_tables():
    slugs = ["x" * 48 + "a", "x" * 48 + "b"]
    first, second = (survey(slug, age="integer") for slug in slugs)
    first.Response.objects.create(age=1)

    assert (answers(first, "age"), answers(second, "age")) == ([1], [])


def test_two_surveys_whose_names_differ_only_in_case_are_refused():
    survey("lunch-time")

    error = refusal(lambda: survey("lunch_time"), NameTakenError)

    assert error.definition == Survey(pk=error.definition.pk)


# What the example asks for


def test_an_unknown_kind_is_refused():
    lunch = survey("lunch")

    error = refusal(lambda: question(lunch, "age", "number"), InvalidDefinitionError)

    assert (error.source, error.definition.slug) == ("kind", "age")
    assert str(error) == (
        '[dynschema.E103] There is no kind "number". Choose one of: text, longtext, integer, '
        "decimal, boolean, date, datetime, choice, email, url, json, user, survey."
    )


def test_a_choice_without_choices_is_refused():
    lunch = survey("lunch")

    error = refusal(lambda: question(lunch, "dish", "choice"), InvalidDefinitionError)

    assert error.source == "choices"
    assert str(error) == (
        "[dynschema.E103] A choice question needs choices. Write one per line, or use commas."
    )


def test_a_reference_to_a_survey_that_does_not_exist_is_refused():
    lunch = survey("lunch")

    error = refusal(
        lambda: question(lunch, "host", "survey", choices="nobody"), InvalidDefinitionError
    )

    assert error.source == "choices"
    assert str(error) == (
        '[dynschema.E103] There is no survey "nobody". Write the slug of a survey that exists.'
    )


def test_a_reference_to_a_model_that_does_not_exist_is_refused():
    form = builders.form("lunch")
    nowhere = models.ForeignKey("forms.NowhereEntry", models.CASCADE, null=True)

    error = refusal(lambda: builders.add(form, "host", nowhere), UnknownTargetError)

    assert str(error) == (
        '[dynschema.E106] The field "host" of "forms.LunchEntry" points to "forms.nowhereentry", '
        "and there is no such model. Define that model first, or point the field to another one."
    )


def test_an_option_that_names_a_field_that_is_gone_is_refused():
    check = models.CheckConstraint(condition=models.Q(age__gt=0), name="sane")
    design = builders.Design(meta={"constraints": [check]})
    form = builders.form("lunch", design, age=models.IntegerField())

    error = refusal(lambda: form.inputs.get().delete(), InvalidDefinitionError)

    assert error.definition == form
    assert str(error).startswith("[dynschema.E103] Cannot resolve keyword 'age' into field.")


def test_an_expression_that_names_a_field_that_is_gone_is_refused():
    doubled = models.GeneratedField(
        expression=models.F("age") * 2, output_field=models.IntegerField(), db_persist=True
    )
    form = builders.form("lunch", age=models.IntegerField(), doubled=doubled)

    error = refusal(lambda: builders.rename(form, "age", "years"), InvalidDefinitionError)

    assert error.definition == form


@pytest.mark.parametrize("slug", ["", "a b", "objects; drop", "-"])
def test_a_hostile_slug_of_a_survey_is_refused(slug):
    refusal(lambda: survey(slug))


@pytest.mark.parametrize(
    "choice", ["it's", 'a"b', "100%", "%s", "{x}", "<b>", "a;b--", "\\", "ünï", "x" * 200]
)
def test_choices_and_labels_are_only_data(choice):
    lunch = survey("lunch", dish={"kind": "choice", "choices": choice, "text": choice[:90]})

    lunch.Response.objects.create(dish=choice)

    assert answers(lunch, "dish") == [choice]
    assert lunch.Response.objects.get().get_dish_display() == choice
    assert not Responses.sync(lunch)


@pytest.mark.parametrize("value", ["it's", "100%", "%s", "a\\b", 'a"b', "--", "\u2028", "'); DROP"])
def test_defaults_are_only_data(value):
    form = builders.form("lunch", age=models.IntegerField(default=1))
    entries(form).objects.create()

    builders.add(form, "note", models.CharField(max_length=20, default=value))
    builders.add(form, "other", models.CharField(max_length=20, db_default=value))

    assert entries(form).objects.values_list("note", "other").get() == (value, value)


def test_a_title_may_hold_anything():
    lunch = survey("lunch", age="integer")
    lunch.title = '100% "it\'s" {x} <b> \N{SNOWMAN}' + "y" * 150
    lunch.save()

    assert lunch.Response._meta.verbose_name == f"answer to {lunch.title}"
    assert not Responses.sync(lunch)


def test_a_refused_row_in_a_block_that_goes_on_leaves_the_others():
    lunch = survey("lunch", age="integer")
    with pytest.raises(DefinitionError):
        Question.objects.create(survey=lunch, slug="save", kind="integer")

    question(lunch, "guests", "integer")

    assert columns("surveymaker_lunchresponse")[-2:] == ["age", "guests"]
    assert query("SELECT count(*) FROM surveymaker_question") == [(2,)]


@pytest.mark.parametrize(
    ("field", "why"),
    [
        (models.IntegerField(default="many"), "Field 'guests' expected a number but got 'many'."),
        (
            models.DateField(default="soon"),
            "“soon” value has an invalid date format. It must be in YYYY-MM-DD format.",
        ),
        (
            models.JSONField(default=object),
            "Object of type object is not JSON serializable",
        ),
    ],
    ids=["number", "date", "json"],
)
def test_a_default_that_the_field_cannot_hold_is_refused(field, why):
    form = builders.form("lunch", age=models.IntegerField(null=True))

    error = refusal(lambda: builders.add(form, "guests", field), InvalidDefinitionError)

    assert str(error) == (
        '[dynschema.E103] The field "guests" has a default that it cannot hold: ' + why
    )
    assert error.definition.name == "guests"


def test_a_reference_to_what_is_not_unique_is_refused():
    """SQLite would take it, refuse every row, and never let it go again."""
    form = builders.form("lunch", age=models.IntegerField(null=True))
    field = models.ForeignKey(
        "auth.User", models.CASCADE, null=True, to_field="email", related_name="+"
    )

    error = refusal(lambda: builders.add(form, "who", field), InvalidDefinitionError)

    assert str(error) == (
        '[dynschema.E103] The field "who" refers to "auth.User.email", which is not unique.'
    )
    assert error.definition.name == "who"


def test_an_ordering_by_a_field_that_is_not_there_is_refused():
    form = builders.form("lunch", Design(meta={"ordering": ["-age"]}), age=models.IntegerField())

    error = refusal(form.inputs.get().delete, InvalidDefinitionError)

    assert str(error) == (
        "[dynschema.E103] The model \"forms.LunchEntry\" cannot be made: 'ordering' refers to the "
        "nonexistent field, related field, or lookup 'age'."
    )


@pytest.mark.parametrize(
    "option",
    [
        {"indexes": [models.Index(fields=["id"], name='a"; drop')]},
        {"constraints": [models.CheckConstraint(condition=models.Q(id__gt=0), name='a"; drop')]},
    ],
    ids=lambda option: next(iter(option)),
)
def test_an_index_or_a_constraint_with_a_hostile_name_is_refused(option):
    error = refusal(
        lambda: builders.form("lunch", builders.Design(meta=option)), InvalidDefinitionError
    )

    assert str(error) == (
        '[dynschema.E103] The name "a"; drop" of an index or a constraint has quotation marks.'
    )
    assert error.definition.name == "lunch"
