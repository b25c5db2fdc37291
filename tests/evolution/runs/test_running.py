"""A run goes over its items in batches, and every item is worked on once."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dynschema.evolution import Options, Run, launch
from dynschema.evolution.progress import progress_of
from dynschema.evolution.runner import perform
from tests.evolution.runs.stock.models import (
    Item,
    PlaceItem,
    SpecialItem,
    TextItem,
    TimeItem,
    UuidItem,
)
from tests.evolution.runs.stock.works import CountInBulk, CountNames, CountRows, add_item

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ROWS = {
    Item: lambda n: Item(),
    UuidItem: lambda n: UuidItem(id=uuid.UUID(int=hash(str(n)) % 2**128)),
    TextItem: lambda n: TextItem(name=f"{'äaBb'[n % 4]} {n:03} %'\""),
    TimeItem: lambda n: TimeItem(at=NOON + timedelta(microseconds=n)),
    PlaceItem: lambda n: PlaceItem(room="ab"[n % 2], shelf=n),
}


@pytest.mark.parametrize("work", [CountRows, CountInBulk])
@pytest.mark.parametrize("model", ROWS)
def test_every_row_is_worked_on_once_whatever_its_primary_key(model, work, short_slices):
    model.objects.bulk_create(ROWS[model](number) for number in range(35))

    run = launch(work, {"model": model.__name__})

    assert list(model.objects.values_list("times", flat=True)) == [1] * 35
    assert (run.status, run.done_count, run.total_count) == ("succeeded", 35, 35)
    assert (run.failed_count, run.error_message, run.active_key) == (0, "", None)


@pytest.mark.parametrize("work", [CountRows, CountInBulk])
def test_the_rows_of_a_child_model_are_found(work):
    for _ in range(12):
        SpecialItem.objects.create()

    run = launch(work, {"model": "SpecialItem"})

    assert list(Item.objects.values_list("times", flat=True)) == [1] * 12
    assert run.status == "succeeded"


@pytest.mark.parametrize("work", [CountRows, CountInBulk])
def test_where_nothing_is_to_be_done_the_run_succeeds(work):
    run = launch(work)

    assert (run.status, run.done_count, run.total_count) == ("succeeded", 0, 0)
    assert str(progress_of(run)) == "0 of 0 items (100%)"


@pytest.mark.parametrize("work", [CountRows, CountInBulk])
def test_behind_the_last_row_no_batch_is_begun(work):
    Item.objects.bulk_create(Item() for _ in range(20))

    with CaptureQueriesContext(connection) as made:
        run = launch(work)

    statements = [query["sql"].split()[0] for query in made]
    assert run.done_count == 20
    assert statements.count("BEGIN") == len(["for the run", "1 to 10", "11 to 20"])


def test_a_list_is_gone_over_in_its_order():
    for name in "abcde":
        Item.objects.create(name=name)

    run = launch(CountNames, {"names": ["e", "a", "c"]})

    done = dict(Item.objects.values_list("name", "times"))
    assert done == {"a": 1, "b": 0, "c": 1, "d": 0, "e": 1}
    assert (run.status, run.done_count, run.cursor) == ("succeeded", 3, [2])


def test_a_function_is_called_once_with_its_arguments():
    run = launch(add_item, {"name": "chair", "times": 4})

    assert list(Item.objects.values_list("name", "times")) == [("chair", 4)]
    assert (run.kind, run.name, run.status) == ("work", "stock-taking", "succeeded")
    assert (run.done_count, run.total_count) == (1, 1)


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.timeout(240)
@pytest.mark.only("sqlite")
@pytest.mark.django_db(transaction=False)
def test_ten_thousand_slices_do_not_nest(short_slices, django_capture_on_commit_callbacks):
    Item.objects.create(name="a")

    # In one transaction, as ten thousand commits take their time.
    with django_capture_on_commit_callbacks(execute=True):
        run = launch(CountNames, {"names": ["a"] * 10_000}, options=Options(batch_size=1))
    run.refresh_from_db()

    assert Item.objects.get().times == 10_000
    assert (run.status, run.done_count, run.generation) == ("succeeded", 10_000, 10_001)


def test_rows_that_come_behind_the_last_one_are_left_out(deliveries, time):
    Item.objects.bulk_create(Item() for _ in range(15))
    run = launch(CountRows)
    Run.objects.update(batch_size=15)
    time_up = perform(deliveries[0], time.clock)
    Item.objects.create()

    assert time_up is None
    assert Item.objects.filter(times=0).count() == 1
    assert Run.objects.get(pk=run.pk).total_count == 15
