"""A definition that cannot become a table is shown again, with the error where it was typed."""

from typing import Any

import pytest
from django.db.models.signals import pre_save

from surveymaker.models import Question, Survey
from tests.admin.pages import (
    ADD,
    LIST,
    as_row,
    change_page,
    everything,
    filled_in,
    form_errors,
    messages_of,
    row_errors,
)
from tests.example.surveys import asking, write_survey

pytestmark = pytest.mark.django_db(transaction=True)

OTHER = "Choose another name."
RULE = (
    "it must start with a lower-case letter from a to z, and go on with such letters, digits, and "
    "single underscores between them"
)
REFUSED_SLUGS = {
    "objects": f'The name "objects" is taken by "Model.objects". {OTHER}',
    "save": f'The name "save" is taken by "Model.save". {OTHER}',
    "pk": f'The name "pk" is taken by "Model.pk". {OTHER}',
    "class": f'The name "class" cannot be used: it has a meaning in Python. {OTHER}',
    "x__y": f'The name "x__y" cannot be used: {RULE}. Use "x_y", or choose another name.',
}

# Django's own field for slugs refuses these before anything is saved.
NO_SLUG = "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."
NO_SLUGS = {
    'a"b; drop': NO_SLUG,
    "100%": NO_SLUG,
    "<script>": NO_SLUG,
    "x" * 200: "Ensure this value has at most 50 characters (it has 200).",
    "": "This field is required.",
}


@pytest.mark.parametrize(("slug", "message"), (REFUSED_SLUGS | NO_SLUGS).items())
def test_a_question_with_an_impossible_name_is_refused_in_its_row(admin_client, slug, message):
    before = everything()

    response = admin_client.post(ADD, filled_in("Lunch", "lunch", {"slug": "age"}, {"slug": slug}))

    assert response.status_code == 200
    assert row_errors(response) == [{}, {"slug": [message]}]
    assert form_errors(response) == {}
    assert everything() == before


IMPOSSIBLE = {
    "capitals": (
        [{"slug": "Age"}],
        [{"slug": [f'The name "Age" cannot be used: {RULE}. Use "age", or choose another name.']}],
    ),
    "the same name": (
        [{"slug": "how-many"}, {"slug": "how_many"}],
        [{}, {"slug": [f'The name "how_many" is taken by the field "how_many". {OTHER}']}],
    ),
    "an unknown kind": (
        [{"slug": "age", "kind": "nonsense"}],
        [{"kind": ["Select a valid choice. nonsense is not one of the available choices."]}],
    ),
    "no choices": (
        [{"slug": "dish", "kind": "choice"}],
        [{"choices": ["A choice question needs choices. Write one per line, or use commas."]}],
    ),
    "no such survey": (
        [{"slug": "meal"}, {"slug": "earlier", "kind": "survey", "choices": "nowhere"}],
        [
            {},
            {"choices": ['There is no survey "nowhere". Write the slug of a survey that exists.']},
        ],
    ),
}


@pytest.mark.parametrize(("rows", "errors"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_question_that_asks_for_the_impossible_is_refused_in_its_row(
    admin_client, rows, errors, atomic_requests
):
    before = everything()

    response = admin_client.post(ADD, filled_in("Lunch", "lunch", *rows))

    assert response.status_code == 200
    assert row_errors(response) == errors
    assert everything() == before


def test_two_surveys_whose_classes_differ_in_case_alone_are_refused(admin_client):
    write_survey("lunch")
    before = everything()

    response = admin_client.post(ADD, filled_in("Lunch", "LUNCH"))

    assert response.status_code == 200
    assert list(form_errors(response)) == ["slug"]
    assert everything() == before


def test_what_was_typed_is_still_there(admin_client):
    row = {"slug": "save", "text": "Shall we <b>save</b>?", "choices": "one\ntwo", "unique": "on"}

    response = admin_client.post(ADD, filled_in("Lunch & more", "lunch", {"slug": "age"}, row))

    html = response.content.decode()
    assert 'value="Lunch &amp; more"' in html
    assert 'value="Shall we &lt;b&gt;save&lt;/b&gt;?"' in html
    assert "one\ntwo</textarea>" in html
    assert 'name="questions-1-unique" id="id_questions-1-unique" checked' in html
    assert "Please correct the error below." in html
    assert response.context["messages"]._loaded_data == []


def test_a_change_that_the_data_would_not_survive_is_refused_in_its_row(
    admin_client, atomic_requests
):
    survey = write_survey("lunch", asking("age", "text"), asking("dish", "text"))
    survey.Response.objects.create(age="old")
    before = everything()
    age, dish = survey.questions.all()
    age.required = True
    dish.required = True

    response = admin_client.post(change_page(survey), filled_in("L", "lunch", present=[age, dish]))

    assert response.status_code == 200
    errors = row_errors(response)
    assert errors[0] == {}
    assert list(errors[1]) == ["__all__"]
    assert 'The field "dish"' in errors[1]["__all__"][0]
    assert everything() == before


def test_a_new_row_beside_present_ones_is_refused_in_its_row(admin_client):
    survey = write_survey("lunch", asking("age", "integer"))
    before = everything()
    sent = filled_in("Dinner", "dinner", {"slug": "save"}, present=survey.questions.all())

    response = admin_client.post(change_page(survey), sent)

    assert response.status_code == 200
    assert row_errors(response) == [{}, {"slug": [REFUSED_SLUGS["save"]]}]
    assert everything() == before


def test_a_survey_with_an_impossible_name_is_refused_on_its_own_field(admin_client):
    before = everything()

    response = admin_client.post(ADD, filled_in("Lunch", "--"))

    assert response.status_code == 200
    assert form_errors(response) == {
        "slug": ['The name "" cannot be used: it is empty. Choose another name.']
    }
    assert everything() == before


@pytest.mark.usefixtures("atomic_requests")
def test_the_corrected_form_is_saved(admin_client):
    admin_client.post(ADD, filled_in("Lunch", "lunch", {"slug": "save"}))

    response = admin_client.post(ADD, filled_in("Lunch", "lunch", {"slug": "saved"}))

    assert response.status_code == 302
    assert Survey.objects.get().Response._meta.get_field("saved")
    assert Question.objects.count() == 1
    assert len(messages_of(admin_client, LIST)) == 1


def moved_to(other: str) -> dict[str, Any]:
    """Rename the question "age" to the name of another one, which goes in the same click."""
    age, dish = Question.objects.order_by("slug")
    rows = [{**as_row(age), "slug": other}, {**as_row(dish), "DELETE": "on"}]
    return filled_in("Lunch", "lunch", *rows) | {"questions-INITIAL_FORMS": 2}


@pytest.mark.parametrize(
    "click",
    [
        lambda: filled_in("Lunch", "lunch", {"slug": "dish"}),
        lambda: moved_to("dish"),
        lambda: moved_to("dish") | {"_preview": "1"},
    ],
    ids=["added in two tabs", "name of a question that goes", "preview"],
)
def test_a_name_that_another_row_has_is_refused(admin_client, click):
    survey = write_survey("lunch", asking("age", "integer"), asking("dish", "text"))
    before = everything()

    response = admin_client.post(change_page(survey), click())

    # Django 6.1 sees it in the forms, and earlier ones leave it to the database.
    errors = [form_errors(response), *row_errors(response)]
    assert response.status_code == 200
    assert len([each for each in errors if "__all__" in each]) == 1
    assert everything() == before


def test_what_only_the_database_refuses_is_said_on_the_form(admin_client):
    survey = write_survey("lunch")

    def ask_first(instance: Question, **_: object) -> None:
        Question.objects.bulk_create([Question(survey=survey, slug=instance.slug)])

    pre_save.connect(ask_first, sender=Question)
    response = admin_client.post(change_page(survey), filled_in("Lunch", "lunch", {"slug": "dish"}))
    pre_save.disconnect(ask_first, sender=Question)

    [message] = form_errors(response)["__all__"]
    assert message.startswith("The database refuses what was typed: ")
    assert message.endswith("what must be unique can move from one row to another in two steps.")
    assert not survey.questions.exists()
