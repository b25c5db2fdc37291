"""What passes by itself, as a lock, is tried again for a while; a mistake is told at once."""

import sqlite3
from contextlib import closing

import pytest
from django.db import DatabaseError, OperationalError, connection

from dynschema.evolution import finish, launch, resume
from tests.evolution.runs.stock.models import Item
from tests.evolution.runs.stock.works import CountRows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def items():
    Item.objects.bulk_create(Item() for _ in range(30))


def counted():
    return Item.objects.filter(times=1).count()


def test_what_passes_by_itself_is_tried_again_after_longer_and_longer(
    deliveries, time, monkeypatch
):
    sizes = []

    def fail(self, batch):
        sizes.append(len(batch))
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(CountRows, "process_batch", fail)
    run = launch(CountRows)

    ended = finish(run, time.clock)

    assert (time.slept, sizes[:4]) == ([10, 20, 40], [10, 5, 2, 1])
    assert (ended.status, ended.attempts, ended.batch_size) == ("errored", 3, 10)
    assert (ended.error_message, ended.errored_item) == (
        "deadlock detected",
        f"stock.Item {Item.objects.earliest('pk').pk}",
    )


@pytest.mark.parametrize("sql", ["SELECT nothing FROM stock_item", "SELECT 1 FROM stock_nothing"])
def test_a_mistake_in_sql_is_not_tried_again(sql, deliveries, time, monkeypatch):
    """SQLite calls it an operational error, as it does a lock."""
    calls = []

    def err(self, batch):
        calls.append(sql)
        with connection.cursor() as cursor:
            cursor.execute(sql)

    monkeypatch.setattr(CountRows, "process_batch", err)
    monkeypatch.setattr(CountRows, "batch_size", 1)

    ended = finish(launch(CountRows), time.clock)

    assert (time.slept, calls) == ([], [sql])
    assert (ended.status, ended.attempts, ended.done_count) == ("errored", 0, 0)
    assert "nothing" in ended.error_message


def test_a_work_may_have_every_error_tried_again(deliveries, time, monkeypatch):
    def err(self, item):
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM stock_item")

    monkeypatch.setattr(CountRows, "process", err)
    monkeypatch.setattr(CountRows, "retry_on", (DatabaseError,))

    ended = finish(launch(CountRows), time.clock)

    assert (time.slept, ended.status) == ([10, 20, 40], "errored")


@pytest.mark.only("sqlite")
def test_a_lock_of_sqlite_is_waited_for(deliveries, time, monkeypatch):
    locks, work_on = [], CountRows.process_batch

    def meet_a_lock(self, batch):
        if not locks:
            locks.append("met")
            with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as other:
                _as_django_tells(other.execute, "BEGIN IMMEDIATE")
        work_on(self, batch)

    monkeypatch.setattr(CountRows, "process_batch", meet_a_lock)

    ended = finish(launch(CountRows), time.clock)

    assert (time.slept, locks) == ([10], ["met"])
    assert (ended.status, ended.done_count, counted()) == ("succeeded", 30, 30)


def _as_django_tells(execute, sql):
    with connection.wrap_database_errors:
        execute(sql)


def test_an_error_that_has_passed_leaves_no_trace(deliveries, time, monkeypatch):
    errors = [OperationalError("locked")]

    def fail_once(self, item):
        if errors:
            raise errors.pop()

    monkeypatch.setattr(CountRows, "process", fail_once)

    ended = finish(launch(CountRows), time.clock)

    assert time.slept == [10]
    assert (ended.status, ended.done_count, ended.error_message) == ("succeeded", 30, "")


def test_what_passes_by_itself_is_no_failed_item_beside_one(deliveries, time, monkeypatch):
    bad, locked = Item.objects.order_by("pk")[3:5]
    errors = {bad.pk: [ValueError("bad")] * 9, locked.pk: [OperationalError("locked")] * 2}
    work_on = CountRows.process

    def fail(self, item):
        if errors.get(item.pk):
            raise errors[item.pk].pop()
        work_on(self, item)

    monkeypatch.setattr(CountRows, "process", fail)
    monkeypatch.setattr(CountRows, "on_error", "skip")

    ended = finish(launch(CountRows), time.clock)
    failed = [each.position for each in ended.failures.all()]
    errors[bad.pk] = [OperationalError("locked")]
    resume(ended)
    ended = finish(ended, time.clock)

    assert (failed, errors, time.slept) == ([[bad.pk]], {bad.pk: [], locked.pk: []}, [10, 20, 10])
    assert (ended.status, ended.done_count, counted()) == ("succeeded", 30, 30)


def test_batches_are_as_large_as_before_when_an_error_has_passed(deliveries, time, monkeypatch):
    sizes = []

    def fail_twice(self, batch):
        sizes.append(len(batch))
        if len(sizes) in (2, 3):
            raise OperationalError("locked")

    monkeypatch.setattr(CountRows, "process_batch", fail_twice)

    ended = finish(launch(CountRows), time.clock)

    assert sizes == [10, 10, 5, 2, 4, 8, 6]
    assert (ended.status, ended.done_count, ended.batch_size) == ("succeeded", 30, 10)
