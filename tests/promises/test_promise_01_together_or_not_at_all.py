"""Promise 1: the definition row, the DDL, the history and the epoch are one transaction."""

import json
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, TestCase, override_settings
from django.urls import path

import dynschema
from dynschema.exceptions import NoTableError
from dynschema.models import Change, Epoch
from dynschema.test import DynamicTablesMixin
from surveymaker.models import Question, Responses, Survey
from tests.support.builders import answers, question, survey
from tests.support.rollback import TakenBackError
from tests.support.state import columns, query, state

autocommit = pytest.mark.django_db(transaction=True)
in_test_case = pytest.mark.django_db


def table_of(definition: Survey) -> list[str]:
    return columns(definition.Response._meta.db_table)


# Where a definition may be saved


@autocommit
def test_a_plain_save_in_autocommit_changes_the_table():
    lunch = survey("lunch", name="text")

    question(lunch, "age", "integer")

    assert table_of(lunch) == ["id", "created_at", "respondent_id", "name", "age"]
    assert not connection.in_atomic_block


@autocommit
def test_a_plain_save_inside_a_transaction_changes_the_table_at_once():
    lunch = survey("lunch", name="text")

    with transaction.atomic():
        question(lunch, "age", "integer")
        lunch.Response.objects.create(name="Ada", age=36)

    assert answers(lunch, "age") == [36]


@in_test_case
def test_a_plain_save_in_a_test_case_changes_the_table():
    lunch = survey("lunch", name="text")

    question(lunch, "age", "integer")

    lunch.Response.objects.create(name="Ada", age=36)
    assert answers(lunch, "age") == [36]


class TestInTestCase(DynamicTablesMixin, TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.lunch = survey("lunch", name="text")

    def test_what_the_class_set_up_has_its_table(self):
        self.lunch.Response.objects.create(name="Ada")

        assert answers(self.lunch, "name") == ["Ada"]

    def test_what_one_test_adds_the_next_one_does_not_see(self):
        question(self.lunch, "age", "integer")

        assert "age" in table_of(self.lunch)

    def test_what_another_test_added_is_gone(self):
        assert "age" not in table_of(self.lunch)
        assert not hasattr(self.lunch.Response, "age")


def add_age_view(request: HttpRequest) -> HttpResponse:
    lunch = Survey.objects.get()
    question(lunch, "age", "integer")
    lunch.Response.objects.create(age=36)
    if "fail" in request.GET:
        raise TakenBackError
    return HttpResponse(str(answers(lunch, "age")))


urlpatterns = [path("add-age", add_age_view)]


@pytest.fixture
def atomic_requests():
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    with override_settings(ROOT_URLCONF=__name__):
        yield
    connection.settings_dict["ATOMIC_REQUESTS"] = False


@autocommit
def test_a_save_under_atomic_requests_changes_the_table(atomic_requests):
    lunch = survey("lunch")

    response = Client().get("/add-age")

    assert response.content == b"[36]"
    assert answers(lunch, "age") == [36]


@autocommit
def test_a_request_that_fails_under_atomic_requests_leaves_no_trace(atomic_requests):
    survey("lunch")
    before = state()

    response = Client(raise_request_exception=False).get("/add-age?fail")

    assert response.status_code == 500
    assert state() == before


# How a definition may be deleted or written


@autocommit
@pytest.mark.parametrize(
    "delete",
    [
        lambda lunch: lunch.delete(),
        lambda lunch: Survey.objects.filter(pk=lunch.pk).delete(),
        lambda lunch: Survey.objects.all().delete(),
    ],
    ids=["the row", "a query", "all"],
)
def test_deleting_a_survey_retires_its_table(delete: Callable[[Survey], object]):
    lunch = survey("lunch", age="integer", name="text")
    lunch.Response.objects.create(age=3)
    table = lunch.Response._meta.db_table
    pk = lunch.pk

    delete(lunch)

    lunch.pk = pk
    with pytest.raises(NoTableError):
        Responses.model_for(lunch)
    assert Responses.models() == []
    assert query(f'SELECT age FROM "{table}"') == [(3,)]


@autocommit
def test_deleting_questions_by_a_query_is_one_plan_and_one_epoch():
    lunch = survey("lunch", age="integer", name="text", guests="integer")
    before = Epoch.objects.get().number

    lunch.questions.filter(slug__in=["age", "name"]).delete()

    assert Epoch.objects.get().number == before + 1
    assert [each.name for each in lunch.Response._meta.fields][3:] == ["guests"]
    assert len(Change.objects.latest().operations) == 2


@autocommit
def test_a_cascade_reaches_the_table():
    folder = survey("lunch", age="integer")
    survey("dinner", name="text")

    with transaction.atomic():
        Question.objects.filter(survey=folder).delete()

    assert [each.name for each in folder.Response._meta.fields] == [
        "id",
        "created_at",
        "respondent",
    ]


@in_test_case
def test_rows_that_nobody_announces_follow_when_asked_to():
    lunch = survey("lunch")
    Question.objects.bulk_create(
        Question(survey=lunch, slug=slug, kind="integer") for slug in ("age", "guests")
    )

    plan = Responses.sync(lunch)

    assert [each.code for each in plan.operations] == ["add_field", "add_field"]
    lunch.Response.objects.create(age=1, guests=2)
    assert answers(lunch, "guests") == [2]


@in_test_case
def test_a_name_that_was_updated_past_everything_is_renamed_by_a_sync():
    lunch = survey("lunch", age="integer")
    lunch.Response.objects.create(age=3)
    row = lunch.questions.get()
    row.slug = "years"
    Question.objects.bulk_update([row], ["slug"])

    plan = Responses.sync(lunch)

    assert [each.code for each in plan.operations] == ["rename_field"]
    assert answers(lunch, "years") == [3]


@autocommit
def test_a_fixture_brings_its_tables_along(tmp_path):
    file = tmp_path / "surveys.json"
    row = {"survey": 7, "slug": "age", "kind": "integer"}
    file.write_text(
        json.dumps(
            [
                # A field definition may come before its definition.
                {"model": "surveymaker.question", "pk": 8, "fields": row},
                {"model": "surveymaker.survey", "pk": 7, "fields": {"title": "x", "slug": "lunch"}},
                {"model": "surveymaker.question", "pk": 9, "fields": {**row, "slug": "guests"}},
            ]
        )
    )

    call_command("loaddata", str(file), verbosity=0)

    lunch = Survey.objects.get()
    lunch.Response.objects.create(age=3, guests=1)
    assert answers(lunch, "age") == [3]
    assert Change.objects.count() <= 2


@in_test_case
def test_many_rows_of_one_block_are_one_plan_and_one_epoch():
    with dynschema.atomic() as block:
        lunch = Survey.objects.create(title="Lunch", slug="lunch")
        for number in range(10):
            question(lunch, f"question{number}", "text")

    assert len(block.plans) == 1
    assert [each.code for each in block.plans[0].operations] == ["create_table"]
    assert (Epoch.objects.count(), Change.objects.count()) == (1, 1)
