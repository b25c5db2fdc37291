"""Definitions, their tables, their records, and all that is retired travel together."""

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection

import dynschema
from dynschema.models import Change, Field, Table
from surveymaker.models import Question, Responses, Survey
from tests.evolution.dumps.conftest import Command, edit, texts
from tests.support.builders import answers, question, survey


@pytest.fixture
def site(command: Command) -> Command:
    """A site with a history: renamed, retired, brought back, and answered."""
    lunch = survey("lunch", dish="text", age="integer", price="decimal", extra="json", day="date")
    gone = survey("gone", age={"kind": "integer", "required": True}, more="json")
    user = User.objects.create_user("ann")
    first = lunch.Response.objects.create(
        dish="Soup", age=4, price="1.50", extra={"b": 1, "a": [None]}, day="2026-01-02"
    )
    lunch.Response.objects.create(dish="Curry", age=5, respondent=user)
    gone.Response.objects.create(age=7, more=[1])
    lunch.questions.get(slug="age").delete()
    lunch.questions.get(slug="extra").delete()
    row = lunch.questions.get(slug="dish")
    row.slug = "plate"
    row.save()
    question(lunch, "age", "integer")
    question(survey("supper"), "before", "survey", choices="lunch")
    supper = Survey.objects.get(slug="supper")
    supper.Response.objects.create(before_id=first.pk)
    gone.delete()
    return command


def restored(table: str, *columns: str) -> list[tuple]:
    names = ", ".join(f'"{each}"' for each in columns)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {names} FROM "{table}" ORDER BY id')
        return cursor.fetchall()


def test_everything_is_there_again_under_the_same_names(site):
    history = list(Change.objects.values_list("pk", "epoch", "fingerprint", "sql", "operations"))
    first = site.dump("first")
    Survey.objects.all().delete()

    site.restore(first)
    second = site.dump("second")

    assert texts(second) == texts(first)
    lunch, supper = Survey.objects.get(slug="lunch"), Survey.objects.get(slug="supper")
    assert answers(lunch, "plate") == ["Soup", "Curry"]
    assert answers(lunch, "age") == [None, None]
    assert answers(supper, "before") == [lunch.Response.objects.get(plate="Soup").pk]
    assert restored("surveymaker_lunchresponse", "age") == [(4,), (5,)]
    assert restored("surveymaker_goneresponse", "age") == [(7,)]
    assert (
        list(Change.objects.values_list("pk", "epoch", "fingerprint", "sql", "operations"))
        == history
    )


def test_a_sync_finds_nothing_to_do_after_it(site):
    folder = site.dump()

    site.restore(folder)

    site.call("dynschema", "plan", "--check")
    site.call("dynschema", "status")
    assert "drift" not in site.printed


def test_what_is_retired_can_be_taken_back_after_it(site):
    folder = site.dump()
    key = Field.objects.get(
        column="age", table__key__endswith=Table.objects.get(name="surveymaker_lunchresponse").key
    ).key
    pk = int(key.partition(":")[2])
    gone_pk = int(Table.objects.get(name="surveymaker_goneresponse").definition)
    gone_question = int(
        Field.objects.get(table__name="surveymaker_goneresponse", column="age").key.partition(":")[
            2
        ]
    )

    site.restore(folder)
    lunch = Survey.objects.get(slug="lunch")
    Question(pk=pk, survey=lunch, slug="old", kind="integer").save(force_insert=True)
    with dynschema.atomic():
        gone = Survey(pk=gone_pk, title="Gone", slug="gone")
        gone.save(force_insert=True)
        Question(pk=gone_question, survey=gone, slug="age", kind="integer").save(force_insert=True)

    assert answers(lunch, "old") == [4, 5]
    assert answers(gone, "age") == [7]


def test_tables_that_the_dump_does_not_know_are_gone_after_it(site):
    folder = site.dump()
    survey("brunch", age="integer").Response.objects.create(age=3)

    site.restore(folder)

    assert sorted(each.__name__ for each in Responses.models()) == [
        "LunchResponse",
        "SupperResponse",
    ]
    assert "surveymaker_brunchresponse" not in connection.introspection.table_names()
    assert not ContentType.objects.filter(model="brunchresponse").exists()
    assert not Permission.objects.filter(codename__endswith="brunchresponse").exists()
    assert survey("brunch", age="integer").Response.objects.count() == 0


def test_permissions_for_records_come_back(site):
    user = User.objects.get()
    kind = ContentType.objects.get(app_label="surveymaker", model="lunchresponse")
    user.user_permissions.add(
        Permission.objects.get(content_type=kind, codename__startswith="view")
    )
    folder = site.dump()
    Survey.objects.all().delete()

    site.restore(folder)

    assert User.objects.get().has_perm("surveymaker.view_lunchresponse")


def test_a_failing_restore_leaves_tables_and_classes_alone(site):
    folder = site.dump()
    survey("brunch", age="integer").Response.objects.create(age=3)
    edit(folder / "surveymaker_supperresponse.py", "loader.flush_deferred_objects()", "oops()")

    refusal = site.refusal(folder, "--edited")

    assert "NameError: name 'oops' is not defined" in refusal
    assert answers(Survey.objects.get(slug="brunch"), "age") == [3]
    assert answers(Survey.objects.get(slug="lunch"), "plate") == ["Soup", "Curry"]
    site.call("dynschema", "plan", "--check")


@pytest.mark.parametrize("name", ["a name; -- ü", "a__b", "pk", "class"])
def test_a_retired_column_may_have_any_name(name, site):
    """As one has whose field had a `db_column`."""
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "surveymaker_goneresponse" RENAME "age" TO "{name}"')
    field = Field.objects.filter(table__name="surveymaker_goneresponse", column="age")
    field.update(column=name)
    first = site.dump("first")

    site.restore(first)

    assert restored("surveymaker_goneresponse", name) == [(7,)]
    assert texts(site.dump("second")) == texts(first)
