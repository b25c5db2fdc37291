"""Visitors answer a survey on a public page and see what all have answered."""

from http import HTTPStatus

import pytest
from django.db.models.signals import pre_init, pre_save

from surveymaker.models import Question, Survey
from tests.example.surveys import ONE_OF_EACH, asking, survey_with_every_kind, write_survey

pytestmark = pytest.mark.django_db

LUNCH = (
    asking("name", "text", text="Who are you?", required=True),
    asking("dish", "choice", text="What will it be?", choices="Soup, Curry"),
)


def text_of(response) -> str:
    assert response.status_code == HTTPStatus.OK
    return response.content.decode()


def test_the_first_page_lists_the_surveys(client):
    write_survey("lunch", title="Lunch & dinner")

    page = text_of(client.get("/"))

    assert '<a href="/surveys/lunch/">Lunch &amp; dinner</a>' in page
    assert '<a href="/surveys/lunch/results/">results</a>' in page


def test_without_surveys_the_first_page_says_where_to_write_one(client):
    assert "/admin/surveymaker/survey/add/" in text_of(client.get("/"))


@pytest.mark.parametrize("page", ["", "thanks/", "results/"])
def test_a_survey_that_is_not_there_is_not_found(client, page):
    assert client.get(f"/surveys/lunch/{page}").status_code == HTTPStatus.NOT_FOUND


def test_the_answer_page_asks_the_questions_and_nothing_else(client):
    write_survey("lunch", *LUNCH)

    response = client.get("/surveys/lunch/")

    assert {name: field.label for name, field in response.context["form"].fields.items()} == {
        "name": "Who are you?",
        "dish": "What will it be?",
    }


def test_an_answer_is_stored_and_thanked_for(client):
    survey = write_survey("lunch", *LUNCH)

    response = client.post("/surveys/lunch/", {"name": "Ada", "dish": "Soup"}, follow=True)

    assert response.redirect_chain == [("/surveys/lunch/thanks/", HTTPStatus.FOUND)]
    assert "Thank you" in text_of(response)
    stored = survey.Response.objects.values_list("name", "dish", "respondent")
    assert list(stored) == [("Ada", "Soup", None)]
    assert survey.Response.objects.get().created_at is not None


def test_who_is_logged_in_is_remembered(client, django_user_model):
    survey = write_survey("lunch", *LUNCH)
    ada = django_user_model.objects.create_user("ada")
    client.force_login(ada)

    client.post("/surveys/lunch/", {"name": "Ada"})

    assert survey.Response.objects.get().respondent == ada


def test_a_visitor_cannot_say_who_answered_or_when(client, django_user_model):
    survey = write_survey("lunch", *LUNCH)
    ada = django_user_model.objects.create_user("ada")

    client.post("/surveys/lunch/", {"name": "?", "respondent": ada.pk, "created_at": "1999-01-01"})

    record = survey.Response.objects.get()
    assert (record.respondent, record.created_at.year > 1999) == (None, True)


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({"dish": "Soup"}, {"name": ["This field is required."]}),
        (
            {"name": "Ada", "dish": "Glue"},
            {"dish": ["Select a valid choice. Glue is not one of the available choices."]},
        ),
    ],
)
def test_a_wrong_answer_is_shown_again_and_not_stored(client, sent, errors):
    survey = write_survey("lunch", *LUNCH)

    response = client.post("/surveys/lunch/", sent)

    assert response.context["form"].errors == errors
    assert "errorlist" in text_of(response)
    assert survey.Response.objects.count() == 0


def test_an_answer_to_questions_that_have_other_names_by_now_is_asked_for_again(client):
    survey = write_survey("lunch", *LUNCH)
    opened = client.get("/surveys/lunch/").context["questions"]
    survey.questions.get(slug="dish").delete()
    survey.questions.create(slug="dish", kind="text", text="What did you have?")

    sent = {"name": "Ada", "dish": "Soup", "_questions": opened}
    response = client.post("/surveys/lunch/", sent)

    assert "The survey was changed while you answered. Please look again." in text_of(response)
    assert 'value="Ada"' in text_of(response)
    assert survey.Response.objects.count() == 0
    client.post("/surveys/lunch/", {**sent, "_questions": response.context["questions"]})
    assert survey.Response.objects.count() == 1


@pytest.mark.parametrize("moment", [pre_init, pre_save], ids=["validated", "saved"])
def test_an_answer_to_a_survey_that_changes_before_it_is_stored_is_asked_for_again(client, moment):
    survey = write_survey("lunch", *LUNCH)
    question = survey.questions.get(slug="name")
    question.unique = True
    question.save()

    def rename_question(**_):
        question.slug = "nickname"
        question.save()

    moment.connect(rename_question, sender=survey.Response)
    response = client.post("/surveys/lunch/", {"name": "Ada"}, follow=True)

    assert response.redirect_chain == [("/surveys/lunch/", HTTPStatus.FOUND)]
    assert "The survey was changed while you answered. Please look again." in text_of(response)
    assert survey.Response.objects.count() == 0


def test_every_kind_of_question_can_be_answered(client, django_user_model):
    survey = survey_with_every_kind()
    ada = django_user_model.objects.create_user("ada")
    text_of(client.get("/surveys/everything/"))

    client.post("/surveys/everything/", ONE_OF_EACH)
    first = survey.Response.objects.get()
    client.post("/surveys/everything/", {"somebody": ada.pk, "earlier": first.pk})

    second = survey.Response.objects.exclude(pk=first.pk).get()
    assert (first.text, first.integer, first.boolean, first.json) == ("Ada", 3, True, {"a": [1, 2]})
    assert (str(first.decimal), first.url) == ("2.50", ONE_OF_EACH["url"])
    assert (second.somebody, second.earlier, second.text) == (ada, first, None)


def test_the_results_show_every_kind_of_answer(client):
    survey = survey_with_every_kind()
    first = survey.Response.objects.create(text="Ada", boolean=True, json={"a": 1})
    survey.Response.objects.create(text="Grace", boolean=False, earlier=first)

    charts = {
        chart.title: chart for chart in client.get("/surveys/everything/results/").context["charts"]
    }

    assert [*charts] == [*ONE_OF_EACH, "somebody", "earlier"]
    assert charts["text"].texts == ("Grace", "Ada")
    assert charts["earlier"].texts == (f"Answer {first.pk}",)
    assert [(bar.label, bar.count) for bar in charts["boolean"].bars] == [("yes", 1), ("no", 1)]


def test_the_results_show_a_bar_for_each_choice(client):
    survey = write_survey("lunch", *LUNCH)
    for name, dish in (("Ada", "Soup"), ("Grace", "Soup"), ("Linus", None)):
        survey.Response.objects.create(name=name, dish=dish)

    response = client.get("/surveys/lunch/results/")

    assert "3 answers." in text_of(response)
    (chart,) = (each for each in response.context["charts"] if each.title == "What will it be?")
    assert [(bar.label, bar.count, bar.percent) for bar in chart.bars] == [
        ("Soup", 2, 100),
        ("Curry", 0, 0),
    ]
    assert chart.answers == 2


def test_a_stored_value_that_is_no_longer_a_choice_keeps_its_bar(client):
    survey = write_survey("lunch", *LUNCH)
    survey.Response.objects.create(name="Ada", dish="Soup")
    question = survey.questions.get(slug="dish")
    question.choices = "Curry, Salad"
    question.save()

    response = client.get("/surveys/lunch/results/")

    assert [(bar.label, bar.count) for bar in response.context["charts"][1].bars] == [
        ("Curry", 0),
        ("Salad", 0),
        ("Soup (no longer a choice)", 1),
    ]


@pytest.mark.parametrize("page", ["", "results/"])
def test_what_people_write_is_escaped(client, page):
    survey = write_survey(
        "lunch",
        asking("name", "text", text="<b>Who</b>"),
        asking("dish", "choice", choices="<i>Soup</i>\nCurry"),
        title="<u>Lunch</u>",
    )
    survey.Response.objects.create(name="<script>alert(1)</script>", dish="<i>Soup</i>")

    html = text_of(client.get(f"/surveys/lunch/{page}"))

    assert not [tag for tag in ("<b>", "<i>", "<u>", "<script>") if tag in html]
    assert "&lt;b&gt;Who&lt;/b&gt;" in html


@pytest.mark.parametrize("page", ["", "results/"])
def test_a_survey_without_questions_says_so(client, page):
    write_survey("lunch")

    assert "This survey has no questions yet." in text_of(client.get(f"/surveys/lunch/{page}"))


def test_a_question_that_was_added_is_asked_at_once(client):
    survey = write_survey("lunch", *LUNCH)
    client.get("/surveys/lunch/")

    Question.objects.create(survey=survey, slug="guests", kind="integer", rank=9)

    assert [*client.get("/surveys/lunch/").context["form"].fields] == ["name", "dish", "guests"]


@pytest.mark.parametrize("page", ["", "results/"])
def test_a_survey_without_a_table_is_excused_and_only_staff_read_why(client, admin_client, page):
    # Nobody notices a bulk_create(), so no table was made.
    Survey.objects.bulk_create([Survey(title="Lunch", slug="lunch")])

    for_visitors = client.get(f"/surveys/lunch/{page}")
    for_staff = admin_client.get(f"/surveys/lunch/{page}")

    assert for_visitors.status_code == for_staff.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "cannot be shown at the moment" in for_visitors.content.decode()
    assert "has no table" not in for_visitors.content.decode()
    assert "The survey &quot;Lunch&quot; has no table" in for_staff.content.decode()


def test_the_list_in_the_admin_shows_the_number_of_answers(admin_client):
    survey = write_survey("lunch", *LUNCH)
    survey.Response.objects.create(name="Ada")

    page = text_of(admin_client.get("/admin/surveymaker/survey/"))

    assert 'class="field-records"><a href=' in page
    assert ">1</a>" in page
