"""What is launched is stored once and handed over on commit; bad input stores nothing."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from dynschema.evolution import Options, Run, launch, skip
from dynschema.evolution.exceptions import (
    AlreadyActiveError,
    DryRunError,
    EvolutionError,
    InvalidArgumentsError,
    OccasionTakenError,
)
from dynschema.evolution.registry import Reference
from tests.evolution.runs.stock import works
from tests.evolution.runs.stock.models import Item
from tests.evolution.runs.stock.works import CountNames, CountRows, add_item
from tests.support.missing_tables import without_table

pytestmark = pytest.mark.django_db(transaction=True)

HOME = "tests.evolution.runs.stock.works"


def test_nothing_is_handed_over_before_the_commit(deliveries):
    with transaction.atomic():
        run = launch(CountRows)
        before = list(deliveries)

    assert (before, deliveries) == ([], [run.delivery()])
    run.refresh_from_db()
    assert (run.status, run.engine_id) == ("enqueued", "shelf 1")


def test_what_is_rolled_back_was_never_launched(deliveries):
    with transaction.atomic():
        launch(CountRows)
        transaction.set_rollback(True)

    assert (deliveries, Run.objects.count()) == ([], 0)


def test_the_same_work_is_under_way_once(deliveries):
    run = launch(CountRows)

    with pytest.raises(AlreadyActiveError) as refused:
        launch(CountRows)

    assert str(refused.value) == (
        f'[dynschema.E505] "{HOME}.CountRows" is already enqueued on database "default" '
        f"(run {run.pk}). Wait for it to end, or cancel it."
    )
    assert refused.value.run == run
    assert Run.objects.count() == 1


def test_two_that_launch_at_once_make_one_run(deliveries):
    barrier = Barrier(2)

    def launch_together(_):
        try:
            connection.ensure_connection()
            barrier.wait()
            return launch(CountRows).status
        except AlreadyActiveError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(launch_together, range(2)))

    assert outcomes == ["E505", "enqueued"]
    assert (Run.objects.count(), len(deliveries)) == (1, 1)


def test_where_overlap_is_wanted_both_run(deliveries):
    launch(CountRows)

    launch(CountRows, options=Options(overlap=True))

    assert Run.objects.active().count() == 2


def test_an_occasion_has_one_run_for_all_time():
    run = launch(CountRows, options=Options(occasion="task 3 at noon"))

    with pytest.raises(OccasionTakenError) as refused:
        launch(CountRows, options=Options(occasion="task 3 at noon"))

    assert str(refused.value) == (
        f'[dynschema.E506] There is a run for "task 3 at noon" already (run {run.pk}, '
        "succeeded). Nothing was launched."
    )


def test_a_skipped_work_counts_as_done_without_having_run():
    Item.objects.create()

    run = skip(Reference("work", f"{HOME}.CountRows"), options=Options(triggered_by="ann"))

    assert (run.status, run.triggered_by, run.ended_at) == ("skipped", "ann", run.created_at)
    assert list(Run.objects.of(run.reference).done()) == [run]
    assert Item.objects.get().times == 0


@pytest.mark.parametrize(
    ("work", "arguments", "options", "message"),
    [
        (
            CountNames,
            {},
            {},
            (
                f'[dynschema.E504] The arguments for "{HOME}.CountNames" do not fit: missing a '
                "required argument: 'names'. Nothing was launched; correct them."
            ),
        ),
        (
            CountRows,
            {"colour": "red"},
            {},
            (
                f'[dynschema.E504] The arguments for "{HOME}.CountRows" do not fit: got an '
                "unexpected keyword argument 'colour'. Nothing was launched; correct them."
            ),
        ),
        (
            add_item,
            {"name": "chair", "times": "four"},
            {},
            (
                '[dynschema.E504] The arguments for "stock-taking" do not fit: "times" is '
                "'four', and not int. Nothing was launched; correct them."
            ),
        ),
        (
            add_item,
            {"name": {1, 2}},
            {},
            (
                '[dynschema.E504] The arguments for "stock-taking" do not fit: "name" is not JSON '
                "(Object of type set is not JSON serializable). Nothing was launched; correct them."
            ),
        ),
        (
            CountNames,
            {"names": ("a", "b")},
            {},
            (
                f'[dynschema.E504] The arguments for "{HOME}.CountNames" do not fit: "names" would '
                "come back from JSON as something else. Nothing was launched; correct them."
            ),
        ),
        (
            add_item,
            {"name": "a\x00b"},
            {},
            (
                '[dynschema.E504] The arguments for "stock-taking" do not fit: "name" has a zero '
                "byte, which PostgreSQL cannot store. Nothing was launched; correct them."
            ),
        ),
        (
            add_item,
            {"name": "\udce9"},
            {},
            (
                '[dynschema.E504] The arguments for "stock-taking" do not fit: "name" is not JSON '
                "('utf-8' codec can't encode character '\\udce9' in position 1: surrogates not "
                "allowed). Nothing was launched; correct them."
            ),
        ),
        (
            CountRows,
            {},
            {"on_error": "Skip"},
            (
                f'[dynschema.E504] The arguments for "{HOME}.CountRows" do not fit: on_error is '
                '\'Skip\', and neither "stop" nor "skip". Nothing was launched; correct them.'
            ),
        ),
        (
            CountRows,
            {},
            {"batch_size": -1},
            (
                f'[dynschema.E504] The arguments for "{HOME}.CountRows" do not fit: batch_size is '
                "-1. Nothing was launched; correct them."
            ),
        ),
        (
            CountRows,
            {},
            {"batch_size": "5"},
            (
                f'[dynschema.E504] The arguments for "{HOME}.CountRows" do not fit: batch_size is '
                "'5'. Nothing was launched; correct them."
            ),
        ),
        (
            Item,
            {},
            {},
            (
                "[dynschema.E502] tests.evolution.runs.stock.models.Item is not registered as "
                "work, so no other process could find it. Put @register() above its definition."
            ),
        ),
        (
            "nothing",
            {},
            {},
            (
                '[dynschema.E501] There is no work named "nothing": nothing is registered so. '
                "Deploy the code that has it, or cancel the runs that ask for it."
            ),
        ),
        (
            Reference("dance", "tango"),
            {},
            {},
            (
                '[dynschema.E501] There is no dance named "tango": there is no such kind, only '
                "action, dump, migration, restore, task, work. Deploy the code that has it, or "
                "cancel the runs that ask for it."
            ),
        ),
        (
            CountRows,
            {},
            {"engine": "steam"},
            (
                '[dynschema.E512] There is no engine "steam"; there are celery, django_tasks, '
                "inline, manual, scheduler. Name another one, or add it to "
                'DYNSCHEMA["evolution"]["engines"].'
            ),
        ),
    ],
)
def test_bad_input_is_refused_and_nothing_is_stored(work, arguments, options, message):
    with pytest.raises(EvolutionError) as refused:
        launch(work, arguments, options=Options(**options))

    assert str(refused.value) == message
    assert Run.objects.count() == 0


def test_a_text_about_a_zero_byte_has_none():
    run = launch(add_item, {"name": "\\u0000 \\\\"})

    assert (run.status, Item.objects.get().name) == ("succeeded", "\\u0000 \\\\")


def test_an_unknown_database_is_refused():
    with pytest.raises(EvolutionError) as refused:
        launch(CountRows, using="archive")

    assert str(refused.value) == (
        '[dynschema.E514] There is no database "archive"; the settings name default. '
        "Nothing was launched."
    )


def test_a_database_without_the_table_is_named_with_the_command():
    with without_table(Run), pytest.raises(EvolutionError) as refused:
        launch(CountRows)

    assert str(refused.value) == (
        '[dynschema.E515] Database "default" has no table for runs, which are stored beside the '
        "data they change. Run: manage.py migrate dynschema_evolution --database=default."
    )


def test_a_work_without_transactions_has_no_dry_run(monkeypatch):
    monkeypatch.setattr(works.CountRows, "atomic", False)

    with pytest.raises(DryRunError) as refused:
        launch(CountRows, options=Options(dry_run=True))

    assert str(refused.value) == (
        f'[dynschema.E516] "{HOME}.CountRows" cannot be launched as a dry run: its batches are '
        "not transactions (atomic = False), so they could not be undone."
    )


OVER_ZERO = "use a number of seconds greater than 0"
A_WAIT = "use a number of seconds, 0 or more"
A_COUNT = "use a whole number, 0 or more"
CLASSES = "use a tuple of classes of errors"


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("batch_seconds", "5", OVER_ZERO),
        ("batch_seconds", 0, OVER_ZERO),
        ("batch_seconds", -1.0, OVER_ZERO),
        ("batch_seconds", True, OVER_ZERO),
        ("batch_seconds", float("nan"), OVER_ZERO),
        ("batch_seconds", float("inf"), OVER_ZERO),
        ("retries", "3", A_COUNT),
        ("retries", None, A_COUNT),
        ("retries", -1, A_COUNT),
        ("retries", 1.5, A_COUNT),
        ("retry_delay_seconds", "10", A_WAIT),
        ("retry_delay_seconds", -0.5, A_WAIT),
        ("retry_delay_seconds", float("nan"), A_WAIT),
        ("retry_delay_seconds", float("inf"), A_WAIT),
        ("retry_on", ValueError, CLASSES),
        ("retry_on", ("ValueError",), CLASSES),
        ("retry_on", (int,), CLASSES),
        ("retry_on", None, CLASSES),
    ],
)
def test_an_attribute_that_no_run_could_use_is_refused(name, value, wanted, monkeypatch):
    monkeypatch.setattr(CountRows, name, value)

    with pytest.raises(InvalidArgumentsError) as refused:
        launch(CountRows)

    assert str(refused.value) == (
        f'[dynschema.E504] The arguments for "{HOME}.CountRows" do not fit: {name} is {value!r}; '
        f"{wanted}. Nothing was launched; correct them."
    )
    assert Run.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_seconds", 2),
        ("batch_seconds", 0.01),
        ("retries", 0),
        ("retry_delay_seconds", 0),
        ("retry_on", ()),
        ("retry_on", (ValueError, LookupError)),
        ("retry_on", [ValueError]),
    ],
)
def test_other_attributes_are_used(name, value, monkeypatch):
    monkeypatch.setattr(CountRows, name, value)

    assert launch(CountRows).status == "succeeded"


def test_an_attribute_may_depend_on_the_run(monkeypatch):
    retries = property(lambda self: len(self.run.arguments))
    monkeypatch.setattr(CountRows, "retries", retries)

    assert launch(CountRows).status == "succeeded"
