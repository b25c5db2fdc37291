"""Runs are paused, resumed and cancelled between two batches."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

import pytest
from django.db import connection

from dynschema.evolution import cancel, launch, pause, resume
from dynschema.evolution.exceptions import AlreadyActiveError, ForbiddenMoveError
from dynschema.evolution.models import Run
from dynschema.evolution.runner import perform
from dynschema.evolution.signals import run_progressed
from dynschema.exceptions import BusyError
from tests.evolution.runs.stock.models import Item
from tests.evolution.runs.stock.works import CountNames, CountRows

pytestmark = pytest.mark.django_db(transaction=True)

COUNTING = """
    WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 800000)
    SELECT count(*) FROM n
"""
"""Takes some time."""


@pytest.fixture(autouse=True)
def items():
    Item.objects.bulk_create(Item() for _ in range(30))


@pytest.fixture
def after_first_batch():
    """Have something done to the run when its first batch is committed."""
    receivers = []

    def connect(action):
        def receive(*, run, **_):
            if run.done_count == 10:
                action(Run.objects.get(pk=run.pk))

        receivers.append(receive)
        run_progressed.connect(receive)

    yield connect
    for receive in receivers:
        run_progressed.disconnect(receive)


def counted():
    return Item.objects.filter(times=1).count()


@pytest.mark.parametrize(
    ("action", "status"), [(pause, "paused"), (cancel, "cancelled")], ids=["pause", "cancel"]
)
def test_a_running_run_stops_after_its_batch(action, status, after_first_batch):
    after_first_batch(action)

    run = launch(CountRows)

    assert (run.status, run.done_count, counted()) == (status, 20, 20)


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("action", ["pause", "cancel", "resume", "launch"])
def test_that_somebody_else_writes_for_long_is_said(action, deliveries):
    run = launch(CountRows)
    Run.objects.update(status="paused" if action == "resume" else "enqueued")
    actions = {"pause": pause, "cancel": cancel, "resume": resume}
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        other.execute("BEGIN IMMEDIATE")
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 10")

        with pytest.raises(BusyError) as refused:
            actions[action](run) if action in actions else launch(CountNames, {"names": []})

    connection.close()
    assert str(refused.value) == (
        "[dynschema.E301] The change was not made: another transaction is writing to the "
        "database. Nothing was changed; try again."
    )


# PostgreSQL has a lock for each row, and a queue for each lock.
@pytest.mark.slow
@pytest.mark.only("sqlite")
def test_a_run_that_writes_all_the_time_can_be_paused(monkeypatch):
    def take_a_while(self, batch):
        with connection.cursor() as cursor:
            cursor.execute(COUNTING)

    Item.objects.bulk_create(Item() for _ in range(700))
    monkeypatch.setattr(CountRows, "process_batch", take_a_while)
    has_begun = Event()
    run_progressed.connect(lambda **_: has_begun.set(), weak=False, dispatch_uid="begun")

    with ThreadPoolExecutor() as pool:
        launched = pool.submit(launch_elsewhere)
        has_begun.wait()
        pause(Run.objects.get())
    run_progressed.disconnect(dispatch_uid="begun")

    run = Run.objects.get()
    assert (launched.result(), run.status) == (run, "paused")
    assert 0 < run.done_count < 730


def launch_elsewhere():
    try:
        return launch(CountRows)
    finally:
        connection.close()


def test_a_paused_run_goes_on_where_it_stopped(after_first_batch):
    after_first_batch(pause)
    run = launch(CountRows)

    resume(run)

    assert (run.status, run.done_count, counted()) == ("succeeded", 30, 30)


def test_a_run_that_is_pausing_may_still_be_cancelled(after_first_batch):
    after_first_batch(lambda run: (pause(run), cancel(run)))

    run = launch(CountRows)

    assert (run.status, run.done_count, run.active_key) == ("cancelled", 20, None)


@pytest.mark.parametrize(
    ("action", "status"), [(pause, "paused"), (cancel, "cancelled")], ids=["pause", "cancel"]
)
def test_a_run_that_waits_stops_at_once_and_its_delivery_is_stale(action, status, deliveries):
    run = launch(CountRows)

    action(run)
    following = perform(deliveries[0])

    run.refresh_from_db()
    assert (following, run.status, counted()) == (None, status, 0)


def test_only_the_delivery_of_the_resumed_run_is_good(deliveries):
    run = launch(CountRows)
    pause(run)
    resume(run)
    stale, good = deliveries

    perform(stale)
    before = counted()
    perform(good)
    perform(good)

    run.refresh_from_db()
    assert (before, counted(), run.status) == (0, 30, "succeeded")


@pytest.mark.parametrize(
    ("action", "word"), [(pause, "paused"), (resume, "resumed"), (cancel, "cancelled")]
)
def test_what_makes_no_sense_is_refused(action, word):
    run = launch(CountRows)

    with pytest.raises(ForbiddenMoveError) as refused:
        action(run)

    assert str(refused.value) == (
        f'[dynschema.E507] Run {run.pk} of "{run.name}" cannot be {word}: it is succeeded. '
        "docs/reference/statuses.md shows what can be done in each status."
    )


def test_pausing_twice_is_harmless(deliveries):
    run = launch(CountRows)
    Run.objects.update(status="running")

    pause(run)
    pause(run)

    assert run.status == "pausing"


def test_a_run_is_not_resumed_beside_a_newer_one(deliveries):
    old = launch(CountRows)
    Run.objects.update(status="errored", active_key=None)
    new = launch(CountRows)

    with pytest.raises(AlreadyActiveError) as refused:
        resume(old)

    assert refused.value.run == new
    assert Run.objects.get(pk=old.pk).status == "errored"


@pytest.mark.parametrize(
    ("status", "actions"),
    [
        ("enqueued", ["pause", "cancel"]),
        ("running", ["pause", "cancel"]),
        ("pausing", ["cancel"]),
        ("paused", ["resume", "cancel"]),
        ("interrupted", ["pause", "cancel"]),
        ("cancelling", []),
        ("errored", ["resume", "cancel"]),
        ("succeeded", []),
        ("cancelled", []),
        ("skipped", []),
    ],
)
def test_what_can_be_done_in_each_status(status, actions):
    assert Run(status=status).allowed_actions == actions
