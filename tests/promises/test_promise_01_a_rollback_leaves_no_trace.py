"""Promise 1: what fails or is rolled back leaves row, table, history, epoch and class alone."""

import re

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, models, transaction

import dynschema
from dynschema.exceptions import BrokenTransactionError, PlanError, StatementFailedError
from dynschema.signals import model_built, table_changed
from surveymaker.models import Question, Responses, Survey
from tests.forms.models import Design, Form, Input
from tests.support import builders
from tests.support.builders import answers, question, survey
from tests.support.rollback import taken_back
from tests.support.state import columns, query, state

autocommit = pytest.mark.django_db(transaction=True)
in_test_case = pytest.mark.django_db


def add_question(lunch: Survey) -> None:
    question(lunch, "guests", "integer", indexed=True)


def rename_question(lunch: Survey) -> None:
    row = lunch.questions.get(slug="age")
    row.slug = "years"
    row.save()


def delete_question(lunch: Survey) -> None:
    lunch.questions.get(slug="age").delete()


def require_question(lunch: Survey) -> None:
    row = lunch.questions.get(slug="age")
    row.required = True
    row.save()


def rename_survey(lunch: Survey) -> None:
    lunch.slug = "dinner"
    lunch.save()


def delete_survey(lunch: Survey) -> None:
    Survey.objects.get(pk=lunch.pk).delete()


def create_survey(lunch: Survey) -> None:
    survey("supper", who="user")


CHANGES = [
    add_question,
    rename_question,
    delete_question,
    require_question,
    rename_survey,
    delete_survey,
    create_survey,
]


@pytest.fixture
def lunch() -> Survey:
    saved = survey("lunch", age="integer", name={"kind": "text", "unique": True}, who="user")
    saved.Response.objects.create(age=3, name="Ada", who=User.objects.create(username="ada"))
    return saved


@autocommit
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("block", [transaction.atomic, dynschema.atomic], ids=["django", "ours"])
def test_a_rollback_leaves_everything_as_it_was(lunch, change, block):
    before = state()

    with taken_back(block()):
        change(lunch)
        Responses.models()

    assert state() == before


@autocommit
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("outer", [transaction.atomic, dynschema.atomic], ids=["django", "ours"])
def test_a_savepoint_that_is_rolled_back_leaves_everything_as_it_was(lunch, change, outer):
    before = state()

    with outer():
        with taken_back():
            change(lunch)
            Responses.models()
        inside = state()

    assert inside == before
    assert state() == before


@in_test_case
@pytest.mark.parametrize("change", CHANGES)
def test_a_rollback_in_a_test_case_leaves_everything_as_it_was(lunch, change):
    before = state()

    with taken_back():
        change(lunch)
        Responses.models()

    assert state() == before


@autocommit
def test_what_came_before_the_savepoint_stays_and_what_comes_after_it_works(lunch):
    with transaction.atomic():
        rename_question(lunch)
        with taken_back():
            add_question(lunch)
            lunch.Response.objects.update(guests=3)
        question(lunch, "pets", "integer")

    names = [each.name for each in lunch.Response._meta.fields]
    assert names == ["id", "created_at", "respondent", "years", "name", "who", "pets"]
    assert set(columns(lunch.Response._meta.db_table)) == {
        *("id", "created_at", "respondent_id", "years", "name", "who_id", "pets")
    }
    assert answers(lunch, "years") == [3]


@autocommit
def test_the_same_change_works_after_it_was_rolled_back(lunch):
    for _ in range(2):
        with taken_back():
            rename_question(lunch)

    rename_question(lunch)

    assert answers(lunch, "years") == [3]


@pytest.fixture
def obstructed() -> Form:
    """Give a form whose next plan is sound and fails in the middle: a name is taken elsewhere."""
    form = builders.form("lunch", age=models.IntegerField(null=True))
    builders.entries(form).objects.create(age=3)
    query("CREATE INDEX entry_guests ON forms_input (name)")
    yield form
    query("DROP INDEX entry_guests")


def ask_for_guests(form: Form) -> None:
    """Ask for a column and for an index whose name another table has taken."""
    with dynschema.atomic():
        builders.add(form, "guests", models.IntegerField(null=True))
        index = models.Index(fields=["guests"], name="entry_guests")
        builders.redesign(form, Design(meta={"indexes": [index]}))


@autocommit
def test_ddl_that_fails_takes_the_definition_with_it(obstructed):
    before = state()

    with pytest.raises(StatementFailedError) as error:
        ask_for_guests(obstructed)

    assert isinstance(error.value.__cause__, DatabaseError)
    assert re.fullmatch(
        r'\[dynschema\.E212\] The table "forms_\w+" was not changed: the database refused a step '
        r'\(Add index "entry_guests" to table "forms_\w+"\. .*entry_guests.* already exists\.\) '
        r"Nothing was changed\. Correct the definition or the data, then try again\.",
        str(error.value),
    )
    assert state() == before


@autocommit
def test_a_caller_may_go_on_after_ddl_that_failed(obstructed):
    before = state()

    with transaction.atomic():
        with pytest.raises(StatementFailedError), transaction.atomic():
            ask_for_guests(obstructed)
        assert state() == before
        obstructed.refresh_from_db()
        builders.add(obstructed, "guests", models.IntegerField(null=True))

    builders.entries(obstructed).objects.create(guests=2)
    assert "guests" in columns("forms_lunchentry")


@autocommit
def test_a_refused_row_is_new_again_and_can_be_corrected(lunch):
    row = Question(survey=lunch, slug="guests", kind="integer", required=True)
    with pytest.raises(PlanError):
        row.save()

    assert (row.pk, row._state.adding) == (None, True)
    row.required = False
    row.save()
    assert "guests" in columns("surveymaker_lunchresponse")


def change_what_is_refused(lunch: Survey) -> None:
    with dynschema.atomic():
        add_question(lunch)
        rename_question(lunch)
        question(lunch, "needed", "integer", required=True)


@in_test_case
def test_a_refusal_inside_a_block_rolls_the_whole_block_back(lunch):
    before = state()

    with pytest.raises(PlanError):
        change_what_is_refused(lunch)

    assert state() == before


def change_and_break(lunch: Survey) -> None:
    with dynschema.atomic():
        add_question(lunch)
        transaction.set_rollback(True)


@in_test_case
def test_a_transaction_that_is_broken_says_so(lunch):
    before = state()

    with pytest.raises(BrokenTransactionError) as error:
        change_and_break(lunch)

    transaction.set_rollback(False)
    assert str(error.value) == (
        "[dynschema.E303] The change was not made: the transaction is already broken. "
        "Let it roll back, then try again."
    )
    assert state() == before


# Who hears of it


@autocommit
def test_signals_are_sent_after_the_commit_and_never_for_a_rollback(lunch):
    heard = []

    def hear(sender, key, **facts):
        heard.append((sender, key, connection.in_atomic_block))

    table_changed.connect(hear)
    model_built.connect(hear)
    try:
        with taken_back():
            add_question(lunch)
        rolled_back = list(heard)
        with transaction.atomic():
            rename_question(lunch)
            uncommitted = list(heard)
    finally:
        table_changed.disconnect(hear)
        model_built.disconnect(hear)

    assert (rolled_back, uncommitted) == ([], [])
    assert sorted(heard, key=str) == sorted(
        [
            (Responses, f"survey:{lunch.pk}", False),
            (lunch.Response, f"survey:{lunch.pk}", False),
        ],
        key=str,
    )


@autocommit
def test_the_class_of_an_open_transaction_is_seen_in_it_and_nowhere_else(lunch):
    published = Responses.model_for(lunch)

    with transaction.atomic():
        add_question(lunch)
        inside = Responses.model_for(lunch)
        found = apps.get_model("surveymaker.LunchResponse")

    assert inside is not published
    assert found is inside
    assert Responses.model_for(lunch) is inside


@autocommit
def test_a_definition_saved_through_another_model_of_the_same_table_is_not_lost():
    class Renamed(Form):
        class Meta:
            proxy = True
            app_label = "forms"

    form = builders.form("lunch", age=models.IntegerField(null=True))
    row = Renamed.objects.get(pk=form.pk)
    row.name = "dinner"
    row.save()
    form.refresh_from_db()

    assert builders.entries(form)._meta.db_table == "forms_dinnerentry"
    assert Input.objects.get().form_id == form.pk
