"""Lost workers and lost deliveries: the run is taken over, and the old worker can do no harm."""

import sqlite3
import sys
from contextlib import closing, contextmanager
from time import monotonic

import pytest
from django.db import connection

from dynschema.evolution import (
    Run,
    Throttle,
    cancel,
    finish,
    heartbeat,
    launch,
    pause,
    recover,
)
from dynschema.evolution.contexts import DefaultContext
from dynschema.evolution.engines.base import Engine
from dynschema.evolution.runner import perform
from dynschema.evolution.signals import run_progressed
from tests.evolution.runs.stock import works
from tests.evolution.runs.stock.models import Item
from tests.evolution.runs.stock.works import CountNames, CountRows

pytestmark = pytest.mark.django_db(transaction=True)

STALE_SECONDS = 121


@pytest.fixture(autouse=True)
def items():
    Item.objects.bulk_create(Item() for _ in range(30))


@pytest.fixture
def lost_run(deliveries, time):
    """Make a run whose worker was lost before its first batch."""
    run = launch(CountRows)
    rows = Run.objects.filter(pk=run.pk)
    rows.update(status="running", generation=1, heartbeat_at=time.now, started_at=time.now)
    return rows.get()


def counted():
    return Item.objects.filter(times=1).count()


def test_a_worker_that_was_heard_of_is_left_alone(lost_run, time, deliveries):
    time.move(STALE_SECONDS - 2)

    assert recover(time.now) == []
    assert len(deliveries) == 1


def test_the_run_of_a_silent_worker_is_taken_over(lost_run, time, deliveries):
    time.move(STALE_SECONDS)

    taken = recover(time.now)
    perform(deliveries[-1], time.clock)

    lost_run.refresh_from_db()
    assert taken == [lost_run]
    assert (lost_run.status, lost_run.generation, counted()) == ("succeeded", 3, 30)


@pytest.mark.parametrize(
    ("action", "status"), [(pause, "paused"), (cancel, "cancelled")], ids=["pause", "cancel"]
)
def test_what_somebody_asked_of_a_lost_worker_is_done(action, status, lost_run, time, deliveries):
    action(lost_run, time.now)
    time.move(STALE_SECONDS)

    recover(time.now)

    lost_run.refresh_from_db()
    assert (lost_run.status, len(deliveries)) == (status, 1)


def test_a_worker_that_was_only_slow_commits_nothing_any_more(deliveries, time, caplog):
    run = launch(CountRows)

    def be_slow(*, run, **_):
        if run.done_count == 10:
            time.move(STALE_SECONDS)
            recover(time.now)

    run_progressed.connect(be_slow)
    following = perform(deliveries[0], time.clock)
    run_progressed.disconnect(be_slow)
    after_the_slow_one = (following, counted())
    perform(deliveries[-1], time.clock)

    run.refresh_from_db()
    assert after_the_slow_one == (None, 10)
    assert (
        f'[dynschema.E508] Run {run.pk} of "{run.name}" was taken over, since nothing was heard '
        "of this worker. Its last batch was rolled back; nothing is to be done."
    ) in caplog.messages
    assert (run.status, run.done_count, counted()) == ("succeeded", 30, 30)


def test_a_run_that_loses_every_worker_at_one_place_is_errored(lost_run, time, deliveries):
    for _ in range(3):
        time.move(STALE_SECONDS)
        recover(time.now)
        Run.objects.filter(status="interrupted").update(status="running")

    lost_run.refresh_from_db()
    assert (lost_run.status, lost_run.active_key) == ("errored", None)
    assert lost_run.error_message == (
        f'[dynschema.E509] Run {lost_run.pk} of "{lost_run.name}" lost its worker 3 times in a '
        "row at the same place. Look for what ends the workers there (memory, time limits, "
        "sys.exit), then resume the run."
    )


def test_a_delivery_that_was_lost_is_sent_again_and_good_only_once(deliveries, time):
    run = launch(CountRows)
    Run.objects.update(heartbeat_at=time.now)
    time.move(STALE_SECONDS)

    recover(time.now)
    recover(time.now)
    for delivery in deliveries:
        perform(delivery, time.clock)

    run.refresh_from_db()
    assert (len(deliveries), run.generation, run.status, counted()) == (2, 1, "succeeded", 30)


class BrokenEngine(Engine):
    """Stands for a queue whose server is down."""

    def enqueue(self, delivery):
        raise ConnectionError("nobody listens")


@pytest.mark.parametrize("path", [f"{__name__}.BrokenEngine", None], ids=["down", "gone"])
def test_an_engine_that_takes_nothing_holds_up_no_other_run(path, lost_run, time, settings, caplog):
    other = launch(CountNames, {"names": []})
    engines = settings.DYNSCHEMA["evolution"]["engines"]
    settings.DYNSCHEMA = {"evolution": {"engines": engines | ({"broken": path} if path else {})}}
    Run.objects.filter(pk=lost_run.pk).update(engine="broken")
    Run.objects.filter(pk=other.pk).update(heartbeat_at=time.now)
    time.move(STALE_SECONDS)

    found = recover(time.now)
    Run.objects.filter(pk=lost_run.pk).update(engine="shelf")
    time.move(STALE_SECONDS)
    later = recover(time.now)

    assert (found, later) == ([other], [other, lost_run])
    assert f"Run {lost_run.pk} of {lost_run.name} cannot go on now" in caplog.text


def test_a_throttled_run_steps_aside_and_comes_back_when_it_is_due(deliveries, time, monkeypatch):
    busy = [False, True, False, False, False]
    throttle = Throttle(lambda: busy.pop(0), delay_seconds=60)
    monkeypatch.setattr(CountRows, "throttles", [throttle])
    run = launch(CountRows)

    following = perform(deliveries[0], time.clock)
    run.refresh_from_db()
    stepped_aside = (run.status, run.done_count, run.next_attempt_at, following.delay_seconds)
    time.move(59)
    too_early = recover(time.now)
    time.move(1)
    recover(time.now)
    perform(deliveries[-1], time.clock)

    run.refresh_from_db()
    due = time.now
    assert stepped_aside == ("interrupted", 10, due, 60)
    assert too_early == []
    assert (run.status, run.done_count, run.next_attempt_at) == ("succeeded", 30, None)


def test_a_worker_with_old_code_is_given_time_to_be_restarted(deliveries, time, monkeypatch):
    run = launch("stock-taking", {"name": "chair"})
    Run.objects.update(name="not-yet-deployed")

    following = perform(deliveries[0], time.clock)

    run.refresh_from_db()
    assert (run.status, run.attempts, following.delay_seconds) == ("interrupted", 1, 300)
    assert run.error_class == "dynschema.evolution.exceptions.UnknownWorkError"


@pytest.mark.parametrize("signal", [KeyboardInterrupt, SystemExit])
def test_a_worker_that_is_told_to_end_leaves_the_run_to_others(
    signal, deliveries, time, monkeypatch
):
    def end(self, item):
        raise signal

    run = launch(CountRows)
    with monkeypatch.context() as patched:
        patched.setattr(CountRows, "process", end)
        with pytest.raises(signal):
            perform(deliveries[0], time.clock)
    run.refresh_from_db()
    left = (run.status, run.next_attempt_at)

    recover(time.now)
    perform(deliveries[-1], time.clock)

    run.refresh_from_db()
    assert left == ("interrupted", time.now)
    assert (run.status, counted()) == ("succeeded", 30)


# Psycopg begins a transaction together with its first statement.
@pytest.mark.only("sqlite")
def test_an_interrupt_just_as_a_transaction_begins_leaves_the_run_to_others(deliveries, time):
    def interrupted(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith("BEGIN") and counted() == 10:
            raise KeyboardInterrupt
        return result

    run = launch(CountRows)
    with connection.execute_wrapper(interrupted), pytest.raises(KeyboardInterrupt):
        perform(deliveries[0], time.clock)

    connection.close()
    run.refresh_from_db()
    assert (run.status, counted()) == ("interrupted", 10)


def test_a_work_that_ends_its_process_does_so_a_few_times_only(deliveries, time, monkeypatch):
    monkeypatch.setattr(CountRows, "process", lambda *_: sys.exit(3))
    run = launch(CountRows)

    for _ in range(3):
        with pytest.raises(SystemExit):
            perform(deliveries[-1], time.clock)
        recover(time.now)

    run.refresh_from_db()
    assert (len(deliveries), run.status) == (3, "errored")
    assert run.error_class == "dynschema.evolution.exceptions.WorkerLostError"


# Only a server can lose a client.
@pytest.mark.only("postgresql")
def test_a_lost_connection_is_replaced(deliveries, time, monkeypatch):
    def lose_it_once(self):
        monkeypatch.undo()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(CountRows, "count", lose_it_once)

    ended = finish(launch(CountRows), time.clock)

    assert time.slept == [10]
    assert (ended.status, ended.done_count, counted()) == ("succeeded", 30, 30)


def test_the_heart_beats_while_one_item_takes_long(settings):
    settings.DYNSCHEMA = {
        "evolution": {"heartbeat_seconds": 0.01, "stale_after_seconds": 1.0, "engine": "inline"}
    }
    # The thread of an earlier test would first wait as long as it was told then.
    heartbeat._begin_anew()
    beats = []

    run = launch(WaitForBeats.register(beats))

    assert run.status == "succeeded"
    assert beats == sorted(set(beats))
    assert len(beats) == 3


@pytest.mark.only("sqlite")
def test_the_heart_does_not_wait_for_the_lock_of_sqlite(lost_run):
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        other.execute("BEGIN IMMEDIATE")
        began = monotonic()
        heartbeat._tell(lost_run.delivery())

    # It would wait for five seconds.
    assert monotonic() - began < 2
    assert Run.objects.get().heartbeat_at == lost_run.heartbeat_at


class Tenants(DefaultContext):
    @contextmanager
    def execute(self):
        if self.parameters:
            raise LookupError("that tenant is gone")
        yield


def test_the_heart_goes_on_when_one_run_cannot_be_told_of(settings, caplog):
    settings.DYNSCHEMA = {
        "evolution": {
            "heartbeat_seconds": 0.01,
            "stale_after_seconds": 1.0,
            "context_manager": f"{__name__}.Tenants",
        }
    }
    heartbeat._begin_anew()
    lost = Run(kind="work", name="elsewhere", database="default", context={"tenant": "gone"})

    with heartbeat.beating(lost):
        run = launch(WaitForBeats.register([]))

    assert run.status == "succeeded"
    assert f"Run {lost.pk} could not tell that its worker lives." in caplog.messages


class WaitForBeats(works.Work):
    """Takes until the heart has beaten three times."""

    atomic = False
    beats: list = []

    @classmethod
    def register(cls, beats):
        cls.beats = beats
        return works.register()(cls)

    def process(self, item):
        while len(self.beats) < 3:
            beat = Run.objects.get(pk=self.run.pk).heartbeat_at
            if beat > self.run.heartbeat_at and beat not in self.beats:
                self.beats.append(beat)
