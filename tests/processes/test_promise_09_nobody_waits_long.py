"""Promise 9: changes wait for each other, in one order, for a bounded time."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.test import override_settings

import dynschema
from dynschema.exceptions import BusyError, OtherSchemaError
from dynschema.models import Change
from surveymaker.models import Question, Responses, Survey
from tests.processes.partner import TaskError
from tests.support.builders import question, survey
from tests.support.state import is_postgresql, query, state

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def impatient() -> Iterator[None]:
    """Wait only for a moment for another change."""
    if not is_postgresql():
        query("PRAGMA busy_timeout = 100")
    with override_settings(DYNSCHEMA={"lock_timeout_ms": 100}):
        yield
    connection.close()


def test_two_processes_that_ask_other_questions_at_once_both_succeed(other, third):
    survey("lunch", age="integer")
    other.all_names(), third.all_names()

    started = [
        partner.start("ask", "lunch", f"{name}{number}")
        for number in range(5)
        for partner, name in ((other, "pets"), (third, "guests"))
    ]
    for partner in started:
        partner.finish()

    expected = {"age", *(f"{name}{number}" for name in ("pets", "guests") for number in range(5))}
    assert set(other.names("lunch")) == set(third.names("lunch")) == expected


def test_of_two_processes_that_ask_the_same_question_one_is_told(other, third):
    survey("lunch", age="integer")

    started = [partner.start("ask", "lunch", "pets") for partner in (other, third)]
    told = []
    for partner in started:
        try:
            partner.finish()
        except TaskError as error:
            told.append(str(error))

    assert len(told) == 1
    assert "IntegrityError" in told[0]
    assert other.names("lunch") == ["age", "pets"]


def test_two_processes_that_sync_the_same_change_both_succeed(other, third):
    lunch = survey("lunch", age="integer")
    other.all_names(), third.all_names()
    before = Change.objects.count()
    Question.objects.bulk_create([Question(survey=lunch, slug="pets", kind="integer")])

    started = [partner.start("sync", "lunch") for partner in (other, third)]
    done = [partner.finish() for partner in started]

    assert sorted(done) == [[], ["add_field"]]
    assert Change.objects.count() == before + 1


def test_two_processes_that_take_two_tables_in_opposite_order_do_not_block_each_other(other, third):
    survey("lunch", age="integer")
    survey("dinner", age="integer")

    for number in range(3):
        first = other.start("ask_in_each", ["lunch", "dinner"], f"pets{number}")
        second = third.start("ask_in_each", ["dinner", "lunch"], f"guests{number}")
        first.finish()
        second.finish()

    assert len(other.names("lunch")) == len(third.names("dinner")) == 7


def test_who_comes_while_another_change_is_under_way_is_told_so(other, impatient):
    lunch = survey("lunch", age="integer")
    before = state()
    other.hold()

    with pytest.raises(BusyError) as error:
        question(lunch, "pets", "integer")

    other.release()
    reason = (
        "another change of a dynamic table is under way"
        if is_postgresql()
        else "another transaction is writing to the database"
    )
    assert str(error.value) == (
        f"[dynschema.E301] The change was not made: {reason}. Nothing was changed; try again."
    )
    assert state().differences(before) == []
    question(lunch, "pets", "integer")
    assert Question.objects.count() == 2


def test_who_only_reads_does_not_wait_for_a_change(other, third):
    lunch = survey("lunch", age="integer")
    lunch.Response.objects.create(age=3)
    other.hold()

    assert third.answers("lunch", "age") == [3]
    assert third.names("lunch", in_request=True) == ["age"]
    other.release()


def test_a_process_that_dies_in_the_middle_leaves_nothing_behind(other, third):
    survey("lunch", age="integer")
    other.hold()
    other.ask("lunch", "pets")

    other.kill()

    assert third.names("lunch") == ["age"]
    third.ask("lunch", "guests")
    assert Responses.model_for(Survey.objects.get()).__name__ == "LunchResponse"
    assert third.names("lunch") == ["age", "guests"]


def asking(slug: str, refused: list[BusyError], meanwhile: Callable[[], object] = bool) -> Thread:
    """Start a thread that asks for a question; it does something else before it ends its block."""

    def ask() -> None:
        try:
            with dynschema.atomic():
                question(Survey.objects.get(), slug)
                meanwhile()
        except BusyError as error:
            refused.append(error)
        finally:
            connection.close()

    thread = Thread(target=ask)
    thread.start()
    return thread


@pytest.mark.only("postgresql")
def test_of_two_that_wait_for_each_other_one_is_told_so():
    lunch = survey("lunch", age="integer")
    locked, refused = Event(), []

    try:
        with transaction.atomic():
            lunch.Response.objects.create(age=3)
            thread = asking("guests", refused, locked.set)
            locked.wait()
            question(lunch, "pets")
    except BusyError as error:
        refused.append(error)
    thread.join()

    assert len(refused) == 1
    assert len({"guests", "pets"} & {row.slug for row in lunch.questions.all()}) == 1


QUEUE = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.mark.only("postgresql")
def test_who_only_stands_in_the_queue_between_them_succeeds():
    """PostgreSQL chooses the one that has waited longest, who is to blame for nothing."""
    lunch = survey("lunch", age="integer")
    locked, queued, refused, refused_bystander = Event(), Event(), [], []

    try:
        with transaction.atomic():
            lunch.Response.objects.create(age=3)
            other = asking("guests", refused, lambda: (locked.set(), queued.wait()))
            locked.wait()
            bystander = asking("cats", refused_bystander)
            while not query(QUEUE):
                pass
            queued.set()
            question(lunch, "pets")
    except BusyError as error:
        refused.append(error)
    other.join()
    bystander.join()

    assert refused_bystander == []
    assert len(refused) == 1
    assert "cats" in {row.slug for row in lunch.questions.all()}


@pytest.mark.only("postgresql")
def test_a_transaction_that_cannot_see_the_latest_change_is_told_so(other):
    lunch = survey("lunch", age="integer")
    before = len(Change.objects.all())

    with transaction.atomic():
        query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert lunch.questions.count() == 1
        other.start("ask", "lunch", "pets").finish()
        with pytest.raises(BusyError) as caught:
            question(lunch, "guests")

    assert str(caught.value) == (
        "[dynschema.E301] The change was not made: a dynamic table has changed since this "
        "transaction began, which does not see it at its isolation level. Nothing was changed; "
        "try again."
    )
    assert list(lunch.questions.values_list("slug", flat=True)) == ["age", "pets"]
    assert Change.objects.count() == before + 1


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("block", [dynschema.atomic, nullcontext], ids=["in a block", "alone"])
def test_who_waits_for_the_row_of_a_definition_is_told_so(other, impatient, block):
    lunch = survey("lunch", age="integer")
    row = lunch.questions.get()
    row.slug = "years"
    other.lock_row("lunch", "age")

    try:
        with pytest.raises(BusyError) as caught, block():
            row.save()
    finally:
        other.release()

    assert str(caught.value) == (
        "[dynschema.E301] The change was not made: another transaction holds a lock for longer "
        "than lock_timeout; wait for its end. Nothing was changed; try again."
    )
    row.save()
    assert [field.name for field in lunch.Response._meta.fields][-1] == "years"


@pytest.mark.only("postgresql")
def test_a_statement_that_takes_too_long_is_no_fault_of_the_definition():
    lunch = survey("lunch", age="integer")

    with pytest.raises(BusyError) as caught, dynschema.atomic():
        query("SET LOCAL statement_timeout = '50ms'; SELECT pg_sleep(60)")

    assert "canceling statement due to statement timeout" in str(caught.value)
    assert lunch.questions.count() == 1


@pytest.mark.only("postgresql")
def test_a_schema_that_comes_first_by_now_gets_no_tables():
    lunch = survey("lunch", age="integer")
    lunch.Response.objects.create(age=3)
    query("CREATE SCHEMA hardened")
    try:
        query("SET search_path = hardened, public")
        with pytest.raises(OtherSchemaError) as caught:
            question(lunch, "pets")
    finally:
        query("SET search_path = public")
        query("DROP SCHEMA hardened CASCADE")

    assert str(caught.value) == (
        "[dynschema.E305] The change was not made: the tables of dynschema are in the schema "
        '"public", and new tables would go to "hardened", which comes first in the search_path '
        'now. Put "public" first, or run `manage.py migrate` if "hardened" is to have its own.'
    )
    assert lunch.Response.objects.get().age == 3
    question(lunch, "pets")
    assert lunch.Response.objects.get().pets is None
