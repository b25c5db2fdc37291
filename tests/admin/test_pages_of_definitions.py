"""The page of a definition tells what happened to its table, what is retired, what is broken."""

import pytest
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from dynschema import freshness
from dynschema.admin import DefinitionAdmin, FieldDefinitionAdmin
from surveymaker.models import Question, Responses, Survey
from tests.admin.pages import ADD, LIST, change_page, everything, filled_in, form_errors
from tests.example.surveys import asking, write_survey

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_history_says_when_who_what_and_how(admin_client):
    admin_client.post(ADD, filled_in("Lunch", "lunch", {"slug": "age"}))
    survey = Survey.objects.get()
    question = survey.questions.get()
    question.slug = "years"
    question.save()

    response = admin_client.get(change_page(survey))

    renamed, created = response.context["table"].changes
    html = response.content.decode()
    assert [created.actor, renamed.actor] == ["admin", ""]
    assert [len(created.steps), len(renamed.steps)] == [1, 1]
    assert "RENAME COLUMN &quot;age&quot; TO &quot;years&quot;" in html
    assert created.steps[0].replace('"', "&quot;") in html


def test_retired_fields_are_named(admin_client):
    survey = write_survey("lunch", asking("age", "integer"), asking("name", "text"))
    survey.questions.get(slug="age").delete()

    response = admin_client.get(change_page(survey))

    assert response.context["table"].retired_fields == ["age"]
    assert "<li>age</li>" in response.content.decode()


def test_the_records_are_counted_and_linked(admin_client):
    survey = write_survey("lunch", asking("age", "integer"))
    survey.Response.objects.create()
    survey.Response.objects.create()
    address = reverse("admin:surveymaker_lunchresponse_changelist")

    assert f'<a href="{address}">Records (2)</a>' in page(admin_client, change_page(survey))
    assert f'<a href="{address}">2</a>' in page(admin_client, LIST)


def test_a_broken_definition_says_why_and_the_site_runs(admin_client):
    survey = write_survey("lunch", asking("age", "integer"))
    write_survey("dinner")
    survey.questions.update(kind="nonsense")
    forget_classes()

    broken = page(admin_client, change_page(survey))

    assert (
        "This definition has no records at the moment: There is no kind &quot;nonsense&quot;"
        in broken
    )
    assert admin_client.get("/admin/").status_code == 200
    assert admin_client.get(LIST).status_code == 200
    assert (
        admin_client.get(reverse("admin:surveymaker_dinnerresponse_changelist")).status_code == 200
    )
    assert admin_client.get(f"{LIST}_records/lunchresponse/").status_code == 404


def test_a_broken_definition_is_repaired_in_its_form(admin_client):
    survey = write_survey("lunch", asking("age", "integer"))
    survey.questions.update(kind="nonsense")
    forget_classes()
    question = survey.questions.get()
    question.kind = "integer"

    response = admin_client.post(
        change_page(survey), filled_in("Lunch", "lunch", present=[question])
    )

    assert response.status_code == 302
    assert "at the moment" not in page(admin_client, change_page(survey))
    assert survey.Response._meta.get_field("age")


def test_a_definition_without_a_table_has_a_page(admin_client):
    Survey.objects.bulk_create([Survey(title="Lunch", slug="lunch")])

    response = admin_client.get(change_page(Survey.objects.get()))

    assert response.status_code == 200
    assert "Records" not in response.content.decode()


def test_a_model_without_a_blueprint_is_refused():
    with pytest.raises(ImproperlyConfigured) as refused:
        DefinitionAdmin(Question, admin.site)

    assert str(refused.value) == (
        "surveymaker.Question is the definition of 0 blueprints; "
        "name the one that counts as `blueprint` of DefinitionAdmin."
    )


def test_a_blueprint_is_found_by_its_model_or_by_its_name():
    class Named(DefinitionAdmin):
        blueprint = Responses

    found = [
        each.described_by.label
        for each in (
            DefinitionAdmin(Survey, admin.site),
            Named(Survey, admin.site),
            FieldDefinitionAdmin(Question, admin.site),
        )
    ]

    assert found == ["surveymaker.Responses"] * 3


def test_questions_may_have_pages_of_their_own(admin_client, settings):
    settings.ROOT_URLCONF = "tests.admin.two_pages_urls"
    survey = write_survey("lunch", asking("age", "integer"))
    address = reverse("admin:surveymaker_question_change", args=[survey.questions.get().pk])
    values = {"survey": survey.pk, "kind": "integer", "rank": 0}
    before = everything()

    refused = admin_client.post(address, values | {"slug": "save"})
    after = everything()
    previewed = admin_client.post(address, values | {"slug": "years", "_preview": "Preview SQL"})
    saved = admin_client.post(address, values | {"slug": "years"})

    assert form_errors(refused) == {
        "slug": ['The name "save" is taken by "Model.save". Choose another name.']
    }
    assert after == before
    assert [each.code for each in previewed.context["plans"][0].operations] == ["rename_field"]
    assert saved.status_code == 302
    assert survey.Response._meta.get_field("years")


def page(client, address: str) -> str:
    return client.get(address).content.decode()


def forget_classes() -> None:
    """Let this process be as one that has just started."""
    freshness.registry.publish(type(freshness.registry.snapshot)())
