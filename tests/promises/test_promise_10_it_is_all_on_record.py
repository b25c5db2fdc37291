"""Promise 10: who changed which table, when, from which definition, with which SQL, how long."""

import io
import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import dynschema
from dynschema.exceptions import PlanError
from dynschema.models import Change, Epoch, State, Table
from dynschema.schema.plan import Plan
from tests.forms.models import Form
from tests.support import builders
from tests.support.builders import add, change, entries, question, rename, retire, survey
from tests.support.evolves import ddl
from tests.support.state import catalog

pytestmark = pytest.mark.django_db


def test_a_change_says_who_when_why_what_and_how_long():
    ada = User.objects.create(username="ada")
    lunch = survey("lunch", name="text")
    before = timezone.now()

    with dynschema.atomic(actor=ada):
        question(lunch, "age", "integer")

    made = Change.objects.latest()
    assert made.actor == "ada"
    assert before <= made.made_at <= timezone.now()
    assert timezone.now() - made.made_at < timedelta(minutes=1)
    assert made.definition == 'survey "Lunch"'
    assert made.sql == 'ALTER TABLE "surveymaker_lunchresponse" ADD COLUMN "age" integer NULL'
    assert [each["operation"] for each in made.operations] == ["add_field"]
    assert [each["operation"] for each in made.reverse] == ["retire_field"]
    assert made.hazards == []
    assert 0 < made.duration_ms < 60_000
    assert (made.table.key, made.table.state) == (f"survey:{lunch.pk}", State.LIVE)


def test_every_statement_that_changed_the_table_is_on_record():
    form = builders.form("lunch", age=models.IntegerField(), name=models.TextField())
    entries(form).objects.create(age=3, name="Ada")

    with CaptureQueriesContext(connection) as queries:
        change(form, "age", models.IntegerField(null=True, unique=True))

    recorded = Change.objects.latest().sql
    assert all(sql in recorded for sql in ddl(queries))


def test_hazards_are_on_record():
    form = builders.form("lunch", age=models.IntegerField())
    entries(form).objects.create(age=3)

    rename(form, "age", "years")

    assert [each["code"] for each in Change.objects.latest().hazards] == ["BREAKS_STALE"]


def test_each_change_moves_the_epoch_by_one_and_gives_it_another_fingerprint():
    lunch = survey("lunch")
    epochs = [Epoch.objects.values_list("number", "fingerprint").get()]

    for number in range(3):
        question(lunch, f"question{number}", "text")
        epochs.append(Epoch.objects.values_list("number", "fingerprint").get())

    numbers = [number for number, _ in epochs]
    assert numbers == list(range(numbers[0], numbers[0] + 4))
    assert len({fingerprint for _, fingerprint in epochs}) == 4
    recorded = Change.objects.order_by("epoch").values_list("epoch", "fingerprint")
    assert list(recorded) == epochs


def test_changes_of_several_tables_in_one_block_share_an_epoch():
    with dynschema.atomic(actor="Ada"):
        survey("lunch", age="integer")
        survey("dinner", age="integer")

    assert {(each.epoch, each.actor) for each in Change.objects.all()} == {
        (Epoch.objects.get().number, "Ada")
    }
    assert sorted(Change.objects.values_list("definition", flat=True)) == [
        'survey "Dinner"',
        'survey "Lunch"',
    ]


def test_the_names_of_people_and_definitions_may_be_long():
    with dynschema.atomic(actor="A" * 500):
        lunch = survey("lunch", age="integer")
        lunch.title = "T" * 200
        lunch.save()

    assert Change.objects.get().actor == "A" * 200
    assert len(Change.objects.get().definition) <= 200


def test_what_was_refused_or_changed_nothing_is_not_on_record():
    lunch = survey("lunch", name="text")
    lunch.Response.objects.create(name="Ada")
    before = Change.objects.count()

    lunch.save()
    with pytest.raises(PlanError):
        question(lunch, "age", "integer", required=True)

    assert Change.objects.count() == before


def test_a_change_of_the_class_alone_is_on_record_without_sql():
    lunch = survey("lunch", name="text")
    before = Epoch.objects.get().number

    lunch.title = "Dinner"
    lunch.save()

    made = Change.objects.latest()
    assert (made.epoch, made.sql, made.operations) == (before + 1, "", [])


def test_deleting_a_survey_is_on_record():
    lunch = survey("lunch", name="text", who="user")
    key = f"survey:{lunch.pk}"

    lunch.delete()

    made = Change.objects.latest()
    assert [each["operation"] for each in made.operations] == ["retire_table"]
    assert made.definition == f"{key} (gone)"
    assert Table.objects.get(key=key).state == State.RETIRED


CHANGES = {
    "add": lambda form: add(form, "guests", models.IntegerField(null=True)),
    "rename": lambda form: rename(form, "age", "years"),
    "swap": lambda form: builders.swap(form, "age", "other"),
    "index": lambda form: change(form, "age", models.IntegerField(db_index=True)),
    "unique": lambda form: change(form, "age", models.IntegerField(unique=True)),
    "relax": lambda form: change(form, "age", models.IntegerField(null=True)),
    "widen": lambda form: change(form, "age", models.BigIntegerField()),
    "retire": lambda form: retire(form, "age"),
    "default": lambda form: change(form, "age", models.IntegerField(db_default=3)),
}


@pytest.mark.parametrize("edit", CHANGES.values(), ids=CHANGES)
def test_the_record_of_a_change_can_be_read_back_as_its_plan(edit):
    form = builders.form("lunch", age=models.IntegerField(), other=models.IntegerField())
    entries(form).objects.create(age=3, other=4)

    with dynschema.atomic() as block:
        edit(form)

    (plan,) = block.plans
    made = Change.objects.latest()
    stored = json.loads(json.dumps(plan.as_json()))
    assert Plan.from_json(stored) == plan
    assert made.operations == stored["operations"]
    assert made.reverse == json.loads(json.dumps(plan.reverse().as_json()))["operations"]


def test_the_plan_that_was_shown_before_is_the_one_that_was_carried_out():
    form = builders.form("lunch", age=models.IntegerField())
    entries(form).objects.create(age=3)
    bigger = builders.registered_field(models.BigIntegerField(db_index=True))
    Form.objects.get().inputs.update(field=bigger)

    shown = builders.Entries.plan(form)
    done = builders.Entries.sync(form)

    assert (shown.operations, shown.hazards, shown.sql) == (done.operations, done.hazards, done.sql)
    assert str(shown) == str(done)


def test_showing_a_plan_changes_nothing():
    form = builders.form("lunch", age=models.IntegerField())
    entries(form).objects.create(age=3)
    bigger = builders.registered_field(models.BigIntegerField(unique=True))
    Form.objects.get().inputs.update(field=bigger)
    before = catalog()

    with CaptureQueriesContext(connection) as queries:
        builders.Entries.plan(form)

    assert catalog() == before
    assert [sql for sql in ddl(queries) if "forms_lunchentry" in sql and "dynschema" in sql] == []
    assert Change.objects.count() == 1


def test_the_command_line_tells_the_history():
    lunch = survey("lunch", name="text")
    with dynschema.atomic(actor="Ada"):
        question(lunch, "age", "integer")
    out = io.StringIO()

    call_command("dynschema", "history", "--json", "--limit", "1", stdout=out)

    (told,) = json.loads(out.getvalue())
    assert (told["actor"], told["definition"]) == ("Ada", 'survey "Lunch"')
    assert told["sql"] == 'ALTER TABLE "surveymaker_lunchresponse" ADD COLUMN "age" integer NULL'


def test_the_command_line_says_in_words_what_needed_no_sql():
    lunch = survey("lunch", name="text")
    with dynschema.atomic(actor="Ada"):
        lunch.questions.get().delete()
    out = io.StringIO()

    call_command("dynschema", "history", "--limit", "1", stdout=out)

    head, *lines = out.getvalue().splitlines()
    assert head.startswith(f"Epoch {Epoch.objects.get().number}  ")
    assert 'Ada, for survey "Lunch"' in head
    step = 'Retire field "name" of table "surveymaker_lunchresponse"; its values stay and can be'
    assert lines == [f"  {step} restored."]
