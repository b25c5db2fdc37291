"""Promise 11: Django's commands, content types, deletes and memory are as they always were."""

import gc
import io
import logging
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.checks import run_checks
from django.core.exceptions import FieldDoesNotExist
from django.core.management import call_command
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import ProtectedError

import dynschema
from dynschema.cleaning import forget_models
from dynschema.exceptions import NoTableError
from dynschema.timing import call_waiting
from surveymaker.models import Question, Responses, Survey
from tests.support import builders
from tests.support.builders import answers, entries, question, survey
from tests.support.rollback import taken_back
from tests.support.state import query

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)


def output_of(*command: str, **options) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out, stderr=out, **options)
    return out.getvalue()


def fifty_surveys() -> None:
    with dynschema.atomic():
        for number in range(50):
            survey(f"survey{number}", who="user", text="text")


# Commands


@commits
def test_looking_for_a_model_before_migrate_breaks_no_transaction():
    forget_models()

    with taken_back():
        query("ALTER TABLE dynschema_epoch RENAME TO not_there_yet")
        with pytest.raises(LookupError):
            apps.get_model("surveymaker", "Nothing")

        assert query("SELECT 1") == [(1,)]


def test_makemigrations_sees_nothing_of_fifty_dynamic_models():
    fifty_surveys()

    assert output_of("makemigrations", check=True, dry_run=True) == "No changes detected\n"
    assert len(Responses.models()) == 50


def test_the_checks_of_django_find_nothing_wrong_with_dynamic_models():
    survey("lunch", who="user", name={"kind": "text", "unique": True}, dish=choice("Soup"))
    survey("dinner", who="user", before={"kind": "survey", "choices": "lunch"})

    assert run_checks() == []
    assert [error for model in Responses.models() for error in model.check()] == []


def choice(*names: str) -> dict[str, str]:
    return {"kind": "choice", "choices": "\n".join(names)}


def test_stale_content_types_are_not_those_of_dynamic_models():
    fifty_surveys()
    before = ContentType.objects.filter(model__endswith="response").count()

    output_of("remove_stale_contenttypes", interactive=False, include_stale_apps=True)

    assert before == 50
    assert ContentType.objects.filter(model__endswith="response").count() == 50


def test_a_model_can_be_dumped_and_inspected_by_name():
    lunch = survey("lunch", age="integer")
    lunch.Response.objects.create(age=3)

    assert '"age": 3' in output_of("dumpdata", "surveymaker.LunchResponse")


def test_dumpdata_of_the_app_has_definitions_and_records():
    lunch = survey("lunch", age="integer")
    lunch.Response.objects.create(age=3)

    dumped = output_of("dumpdata", "surveymaker")

    assert '"surveymaker.survey"' in dumped
    assert '"surveymaker.lunchresponse"' in dumped


@commits
def test_migrate_again_changes_nothing_of_dynamic_tables():
    lunch = survey("lunch", age="integer")
    lunch.Response.objects.create(age=3)

    output_of("migrate", verbosity=0)

    assert answers(lunch, "age") == [3]


# Deletes


@commits
@pytest.mark.parametrize(
    "delete",
    [lambda ada: ada.delete(), lambda ada: User.objects.filter(pk=ada.pk).delete()],
    ids=["the row", "a query"],
)
def test_deleting_a_user_reaches_the_answers_that_name_them(delete):
    lunch = survey("lunch", who={"kind": "user", "required": True}, friend="user")
    ada, bob = (User.objects.create(username=name) for name in ("ada", "bob"))
    lunch.Response.objects.create(who=ada)
    lunch.Response.objects.create(who=bob, friend=ada, respondent=ada)

    delete(ada)

    assert list(lunch.Response.objects.values_list("who", "friend", "respondent")) == [
        (bob.pk, None, None)
    ]


@commits
def test_a_protected_reference_protects():
    guard = models.ForeignKey("auth.User", models.PROTECT, related_name="guarded_%(class)s")
    form = builders.form("lunch", who=guard)
    ada = User.objects.create(username="ada")
    entries(form).objects.create(who=ada)

    with pytest.raises(ProtectedError):
        ada.delete()

    assert entries(form).objects.get().who == ada


@commits
def test_a_user_can_be_deleted_after_each_change_of_a_survey():
    lunch = survey("lunch", who={"kind": "user", "required": True})
    for step in (
        lambda: question(lunch, "age", "integer"),
        lambda: setattr(lunch, "slug", "dinner") or lunch.save(),
        lambda: lunch.questions.get(slug="age").delete(),
    ):
        step()
        ada = User.objects.create(username="ada")
        lunch.Response.objects.create(who=ada)

        ada.delete()

        assert lunch.Response.objects.count() == 0


def test_reverse_relations_appear_follow_and_vanish():
    to_user = models.ForeignKey("auth.User", models.CASCADE, null=True, related_name="meals")
    form = builders.form("lunch", who=to_user)
    ada = User.objects.create(username="ada")
    entries(form).objects.create(who=ada)

    assert [each.who for each in ada.meals.all()] == [ada]
    assert User.objects.filter(meals__isnull=False).get() == ada
    builders.add(form, "age", models.IntegerField(null=True))
    assert [each.age for each in ada.meals.all()] == [None]
    form.delete()
    assert not hasattr(User, "meals")
    assert "meals" not in {each.name for each in User._meta.get_fields()}


# Memory


@commits
@pytest.mark.slow
def test_two_hundred_regenerations_leave_no_old_class_alive():
    host = survey("host", name="text")
    lunch = survey("lunch", who="user", host={"kind": "survey", "choices": "host"}, age="integer")
    row = lunch.questions.get(slug="age")
    old = []
    for number in range(200):
        old += [weakref.ref(lunch.Response), weakref.ref(host.Response)]
        list(User.objects.filter(username="x"))
        row.slug = f"age{number}"
        row.save()

    gc.collect()
    living = {id(each()) for each in old if each() is not None}
    assert living <= {id(lunch.Response), id(host.Response)}


def test_an_old_class_can_still_be_read_and_its_records_compared():
    lunch = survey("lunch", age="integer")
    old = lunch.Response
    record = old.objects.create(age=3)

    question(lunch, "guests", "integer")

    assert old.objects.get() == record
    assert lunch.Response.objects.get().pk == record.pk
    assert apps.get_model("surveymaker.LunchResponse") is lunch.Response


# One broken definition


@commits
def test_one_broken_definition_is_put_aside_and_the_rest_of_the_site_runs(caplog):
    lunch, dinner = survey("lunch", age="integer"), survey("dinner", name="text")
    dinner.Response.objects.create(name="Ada")
    Question.objects.filter(survey=lunch).update(kind="nonsense")
    start_again()

    with caplog.at_level(logging.ERROR, logger="dynschema"):
        models_found = Responses.models()

    assert [model.__name__ for model in models_found] == ["DinnerResponse"]
    assert answers(dinner, "name") == ["Ada"]
    assert [each.__name__ for each in apps.get_models() if each._meta.app_label == "surveymaker"]
    with pytest.raises(NoTableError) as error:
        Responses.model_for(lunch)
    assert str(error.value).startswith(
        '[dynschema.E105] The survey "Lunch" has no table: it cannot be built '
        '([dynschema.E103] There is no kind "nonsense".'
    )
    (message,) = [record.getMessage() for record in caplog.records]
    assert message.startswith(f"The dynamic model of survey:{lunch.pk} cannot be built: ")
    (warning,) = [each for each in run_checks() if each.id == "dynschema.W002"]
    assert f"survey:{lunch.pk}" in warning.msg


@commits
def test_many_broken_definitions_are_a_line_each_in_the_log(caplog):
    keys = sorted(f"survey:{survey(f'survey{number}', age='integer').pk}" for number in range(3))
    Question.objects.update(kind="nonsense")
    start_again()

    Responses.models()
    Responses.models()

    said = 'The dynamic model of {} cannot be built: [dynschema.E103] There is no kind "nonsense".'
    assert sorted(each.getMessage().partition(" Choose")[0] for each in caplog.records) == [
        said.format(key) for key in keys
    ]
    assert [each.exc_info for each in caplog.records] == [None] * 3


@commits
def test_a_mistake_in_a_blueprint_is_traced_once_for_each_place(caplog, monkeypatch):
    for number in range(3):
        survey(f"survey{number}", age="integer", text="text")
    survey("lunch", text="text")
    build = Responses.build_field

    def mistaken(blueprint, row):
        if row.kind == "integer":
            return row.survey.nonsense
        return (
            build(blueprint, row).nonsense if row.survey.slug == "lunch" else build(blueprint, row)
        )

    monkeypatch.setattr(Responses, "build_field", mistaken)
    start_again()

    Responses.models()
    Responses.models()

    traced = [each.exc_info[0] for each in caplog.records if each.exc_info]
    assert [each.getMessage().partition(": ")[2] for each in caplog.records] == [
        *["'Survey' object has no attribute 'nonsense'"] * 3,
        "'CharField' object has no attribute 'nonsense'",
    ]
    assert traced == [AttributeError, AttributeError]


@commits
def test_mistakes_that_django_notices_in_one_line_are_told_apart(caplog, monkeypatch):
    survey("lunch", age="integer")
    survey("dinner", age="integer")

    def mistaken(blueprint, found):
        if found.slug == "lunch":
            return {"verbose_name": found._meta.get_field("nonsense")}
        return {"verbose_name": found._meta.get_field("rubbish")}

    monkeypatch.setattr(Responses, "meta", mistaken)
    start_again()

    Responses.models()

    assert [each.exc_info[0] for each in caplog.records] == [FieldDoesNotExist] * 2


@commits
def test_a_broken_definition_that_is_corrected_is_back():
    lunch = survey("lunch", age="integer")
    lunch.Response.objects.create(age=3)
    Question.objects.update(kind="nonsense")
    start_again()
    assert Responses.models() == []

    row = lunch.questions.get()
    row.kind = "integer"
    row.save()

    assert answers(lunch, "age") == [3]
    assert [each for each in run_checks() if each.id == "dynschema.W002"] == []


@commits
def test_a_broken_definition_can_be_deleted():
    lunch = survey("lunch", age="integer")
    Question.objects.update(kind="nonsense")
    start_again()
    assert Responses.models() == []

    lunch.delete()

    assert [each for each in run_checks() if each.id == "dynschema.W002"] == []


@commits
@pytest.mark.parametrize("slug", ["", "class-", "survey", "x" * 200])
def test_a_survey_with_a_broken_name_hurts_no_other(slug):
    survey("dinner", name="text")
    lunch = survey("lunch", age="integer")
    Survey.objects.filter(pk=lunch.pk).update(slug=slug[:50])
    Question.objects.filter(survey=lunch).update(slug="save")
    start_again()

    assert {model.__name__ for model in Responses.models()} == {"DinnerResponse"}
    survey("supper", name="text")
    assert {model.__name__ for model in Responses.models()} == {"DinnerResponse", "SupperResponse"}


def start_again() -> None:
    """Be a process that has read no definition yet."""
    forget_models()


def test_where_no_builder_waits_no_connection_is_made_for_it():
    def connections_of_a_new_thread() -> list[BaseDatabaseWrapper]:
        call_waiting()
        return connections.all(initialized_only=True)

    with ThreadPoolExecutor(1) as new_thread:
        found = new_thread.submit(connections_of_a_new_thread).result()

    assert found == []
