"""Promise 2: what is removed is retired, stands in nobody's way, and can come back as it was."""

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder

import dynschema
from dynschema.exceptions import MissingTargetsError
from dynschema.models import Field, State, Table
from surveymaker.models import Question, Responses, Survey
from tests.forms.models import Design, Form
from tests.support import builders
from tests.support.builders import add, answers, change, entries, question, rename, retire, survey
from tests.support.evolves import evolves
from tests.support.state import column, query

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)

INTEGER = models.IntegerField(null=True)
REQUIRED = models.IntegerField()


def values(form: Form) -> list[dict]:
    return list(entries(form).objects.order_by("pk").values())


def where_is(key: str) -> list[tuple[str, str, str]]:
    """Tell in which columns a key has its values: table, column and state."""
    found = Field.objects.filter(key=key).order_by("pk")
    return list(found.values_list("table__name", "column", "state"))


# Questions


@pytest.mark.parametrize(
    "field",
    [
        models.IntegerField(null=True),
        models.IntegerField(),
        models.IntegerField(db_index=True),
        models.IntegerField(unique=True),
        models.IntegerField(db_default=7),
        models.PositiveIntegerField(),
    ],
    ids=["optional", "required", "indexed", "unique", "with a default", "with a check"],
)
def test_a_retired_column_keeps_its_values_and_lets_others_in(field):
    form = evolves(
        {"age": field, "name": models.TextField(default="")},
        lambda form: retire(form, "age"),
        ["retire_field"],
        [{"age": 3}, {"age": 4}],
    )

    entries(form).objects.create(name="without")
    entries(form).objects.create(name="without as well")

    ages = column("forms_lunchentry", "age")
    assert ages[:2] == [3, 4]
    assert "age" not in values(form)[0]


@commits
def test_a_reference_that_is_retired_does_not_hold_what_it_refers_to():
    host = survey("host", name="text")
    lunch = survey("lunch", host={"kind": "survey", "choices": "host", "required": True})
    ada = host.Response.objects.create(name="Ada")
    lunch.Response.objects.create(host=ada)

    lunch.questions.get().delete()
    ada.delete()

    assert lunch.Response.objects.count() == 1
    assert host.Response.objects.count() == 0


@pytest.mark.parametrize("required", [False, True])
def test_a_question_asked_again_under_its_key_has_its_old_values(required):
    lunch = survey("lunch", age={"kind": "integer", "required": required}, name="text")
    lunch.Response.objects.create(age=3)
    row = lunch.questions.get(slug="age")
    key = row.pk
    row.delete()

    row.pk = key
    row.save(force_insert=True)

    assert answers(lunch, "age") == [3]


def test_a_row_deleted_and_created_again_in_one_block_changes_nothing():
    lunch = survey("lunch", age={"kind": "integer", "required": True, "indexed": True})
    lunch.Response.objects.create(age=3)

    with dynschema.atomic() as block:
        row = lunch.questions.get()
        key = row.pk
        row.delete()
        Question.objects.create(pk=key, survey=lunch, slug="age", kind="integer", **ROW)

    assert block.plans == []
    assert answers(lunch, "age") == [3]


ROW = {"required": True, "indexed": True}


def test_a_question_may_come_back_under_another_name():
    form = evolves(
        {"age": REQUIRED, "name": models.TextField(default="")},
        lambda form: retire(form, "age"),
        ["retire_field"],
        [{"age": 3}],
    )
    key = int(Field.objects.get(name="age").key.removeprefix("input:"))

    field = builders.registered_field(INTEGER)
    form.inputs.create(pk=key, name="years", field=field)

    assert [each["years"] for each in values(form)] == [3]
    assert where_is(f"input:{key}") == [("forms_lunchentry", "years", State.LIVE)]


def test_a_new_question_with_a_retired_name_gets_its_own_empty_column():
    lunch = survey("lunch", age={"kind": "integer", "required": True})
    lunch.Response.objects.create(age=3)
    row = lunch.questions.get()
    old = f"question:{row.pk}"
    row.delete()

    new = f"question:{question(lunch, 'age', 'integer').pk}"

    assert answers(lunch, "age") == [None]
    ((table, former, state),) = where_is(old)
    ((_, current, _),) = where_is(new)
    assert state == State.RETIRED
    assert current != former
    assert column(table, former) == [3]


def test_both_columns_of_one_name_have_their_own_values_when_the_old_question_returns():
    form = builders.form("lunch", age=INTEGER)
    entries(form).objects.create(age=3)
    gone = retire(form, "age")
    add(form, "age", INTEGER)
    entries(form).objects.update(age=4)
    rename(form, "age", "newage")

    gone.save(force_insert=True)

    assert [(each["age"], each["newage"]) for each in values(form)] == [(3, 4)]


def test_the_name_of_a_renamed_column_is_not_given_to_another_question():
    form = builders.form("lunch", age=INTEGER)
    entries(form).objects.create(age=3)
    rename(form, "age", "years")

    add(form, "age", INTEGER)

    assert [(each["years"], each["age"]) for each in values(form)] == [(3, None)]


def test_a_question_that_changed_its_kind_while_it_was_gone_is_refused_or_widened():
    form = builders.form("lunch", age=models.IntegerField(null=True))
    entries(form).objects.create(age=3)
    gone = retire(form, "age")

    gone.field = builders.registered_field(models.BigIntegerField(null=True))
    gone.save(force_insert=True)

    assert [each["age"] for each in values(form)] == [3]


def test_a_unique_question_is_unique_again_when_it_comes_back():
    form = builders.form("lunch", age=models.IntegerField(null=True, unique=True))
    entries(form).objects.create(age=3)
    gone = retire(form, "age")
    gone.save(force_insert=True)

    with pytest.raises(Exception, match=r"(?i)unique"):
        entries(form).objects.create(age=3)


def test_a_question_moved_to_another_survey_leaves_its_values_behind():
    lunch, dinner = survey("lunch", age="integer"), survey("dinner", name="text")
    lunch.Response.objects.create(age=3)
    dinner.Response.objects.create(name="Ada")
    row = lunch.questions.get()

    row.survey = dinner
    row.save()

    assert answers(dinner, "age") == [None]
    assert column("surveymaker_lunchresponse", "age") == [3]
    assert "age" not in [each.name for each in lunch.Response._meta.fields]


def test_a_question_moved_there_and_back_has_its_values_again():
    lunch, dinner = survey("lunch", age="integer"), survey("dinner", name="text")
    lunch.Response.objects.create(age=3)
    row = lunch.questions.get()
    row.survey = dinner
    row.save()

    row.survey = lunch
    row.save()

    assert answers(lunch, "age") == [3]


def test_retiring_and_restoring_again_and_again_keeps_the_values():
    form = builders.form("lunch", age=models.IntegerField(db_index=True))
    entries(form).objects.create(age=3)

    for _ in range(5):
        retire(form, "age").save(force_insert=True)

    assert [each["age"] for each in values(form)] == [3]


# Surveys


@commits
def test_a_survey_that_comes_back_has_its_records():
    lunch = survey("lunch", age="integer")
    lunch.Response.objects.create(age=3)
    rows = [lunch, *lunch.questions.all()]
    keys = [row.pk for row in rows]
    lunch.delete()

    with dynschema.atomic():
        for row, key in zip(rows, keys, strict=True):
            row.pk = key
            row.save(force_insert=True)

    assert answers(Survey.objects.get(), "age") == [3]


@commits
def test_a_new_survey_with_a_retired_name_gets_its_own_empty_table():
    old = survey("lunch", age="integer")
    old.Response.objects.create(age=3)
    key = f"survey:{old.pk}"
    old.delete()

    new = survey("lunch", age="integer")

    assert answers(new, "age") == []
    retired = Table.objects.get(key=key)
    assert retired.state == State.RETIRED
    assert retired.name != new.Response._meta.db_table
    assert query(f'SELECT age FROM "{retired.name}"') == [(3,)]


@commits
def test_two_surveys_of_one_name_one_after_the_other_keep_their_own_records():
    first = survey("lunch", age="integer")
    first.Response.objects.create(age=1)
    rows = [first, *first.questions.all()]
    keys = [row.pk for row in rows]
    first.delete()
    second = survey("lunch", age="integer")
    second.Response.objects.create(age=2)
    second.slug = "brunch"
    second.save()

    with dynschema.atomic():
        for row, key in zip(rows, keys, strict=True):
            row.pk = key
            row.save(force_insert=True)

    assert (answers(Survey.objects.get(slug="lunch"), "age"), answers(second, "age")) == ([1], [2])


@commits
def test_a_retired_table_does_not_hold_the_rows_it_refers_to(django_user_model):
    lunch = survey("lunch", who={"kind": "user", "required": True})
    ada = django_user_model.objects.create(username="ada")
    lunch.Response.objects.create(who=ada)
    lunch.delete()

    ada.delete()

    assert query("SELECT count(*) FROM surveymaker_lunchresponse") == [(1,)]


@commits
def test_a_table_does_not_come_back_with_references_to_rows_that_are_gone(django_user_model):
    lunch = survey("lunch", who={"kind": "user", "required": True})
    ada = django_user_model.objects.create(username="ada")
    lunch.Response.objects.create(who=ada)
    rows = [lunch, *lunch.questions.all()]
    keys = [row.pk for row in rows]
    key = ada.pk
    lunch.delete()
    ada.delete()

    with pytest.raises(MissingTargetsError) as error:
        restore(rows, keys)

    assert str(error.value) == (
        '[dynschema.E204] The field "who_id" of table "surveymaker_lunchresponse" cannot refer to '
        f'"auth_user": 1 record refers to a row that is not there (record 1 "{key}"). '
        "Clear or correct them first."
    )
    assert Responses.models() == []


def restore(rows: list, keys: list[int]) -> None:
    with dynschema.atomic():
        for row, key in zip(rows, keys, strict=True):
            row.pk = key
            row.save(force_insert=True)


# Other removals


def test_an_index_that_is_no_longer_asked_for_goes_and_the_column_stays():
    evolves(
        {"age": models.IntegerField(db_index=True)},
        lambda form: change(form, "age", models.IntegerField()),
        ["remove_index"],
        [{"age": 3}],
    )


def test_a_static_field_that_leaves_the_blueprint_is_retired_too():
    design = Design(fields={"note": models.TextField()})
    form = builders.form("lunch", design, age=INTEGER)
    entries(form).objects.create(note="kept", age=3)

    builders.redesign(form, Design())

    entries(form).objects.create(age=4)
    assert column("forms_lunchentry", "note") == ["kept", None]


# Other schemas


@pytest.fixture
def second_schema():
    """Search another schema first, as sites with tenants do, and have its own tables there."""
    query("CREATE SCHEMA second")
    query("SET LOCAL search_path TO second")
    MigrationRecorder(connection).ensure_schema()
    query("SET LOCAL search_path TO public")

    def enter():
        query("SET LOCAL search_path TO second, public")
        call_command("migrate", verbosity=0)

    return enter


@pytest.mark.only("postgresql")
def test_the_tables_of_one_schema_outlive_the_first_migrate_of_another(second_schema):
    lunch = survey("lunch", age="integer")
    Responses.model_for(lunch).objects.create(age=3)

    second_schema()

    query("SET LOCAL search_path TO public")
    assert Responses.model_for(lunch).objects.get().age == 3
