"""After kill -9, at whatever moment, every row is worked on exactly once and counted once."""

import json
import os
import signal
import subprocess
import sys
from random import Random

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Count, Subquery
from django.db.models.functions import Coalesce

from dynschema.evolution import Options, launch, recover
from dynschema.evolution.models import Run
from tests.evolution.runs.stock.models import Item
from tests.evolution.runs.stock.works import CountInBulk, CountRows
from tests.support.state import query

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROWS = 1_500
KILLS = 5
STALE_SECONDS = 121


@pytest.fixture
def start_worker(child_environment):
    """Start processes that work off a delivery; none is left behind."""
    started = []

    def start(delivery):
        command = [sys.executable, "-m", "tests.evolution.runs.child", "work_off"]
        sent = json.dumps(delivery.as_json())
        worker = subprocess.Popen(
            [*command, sent], env=child_environment, stdout=subprocess.PIPE, text=True
        )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.kill()
        worker.wait()
        worker.stdout.close()


@pytest.mark.parametrize(("work", "size"), [(CountRows, 7), (CountInBulk, 7)])
def test_rows_are_worked_on_exactly_once(work, size, deliveries, time, start_worker):
    random = Random(f"{work} {size}")
    Item.objects.bulk_create(Item() for _ in range(ROWS))
    run = launch(work, options=Options(batch_size=size))

    for _ in range(KILLS):
        kill_at_some_moment(start_worker(deliveries[-1]), random)
        [(counted, done)] = both_counts()
        assert counted == done
        Run.objects.update(heartbeat_at=time.now)
        time.move(STALE_SECONDS)
        recover(time.now)
    last = start_worker(deliveries[-1])
    let_finish(last)

    run.refresh_from_db()
    assert (last.returncode, run.status) == (0, "succeeded")
    assert (run.done_count, run.failed_count, run.total_count) == (ROWS, 0, ROWS)
    assert Item.objects.filter(times=1).count() == ROWS
    assert run.generation == 2 * KILLS + 1


# On SQLite a worker that stands still in a batch holds the one lock, and nobody can take over.
@pytest.mark.only("postgresql")
def test_a_worker_that_was_given_up_too_early_does_no_harm(deliveries, time, start_worker):
    Item.objects.bulk_create(Item() for _ in range(ROWS))
    run = launch(CountRows, options=Options(batch_size=7))

    first = start_worker(deliveries[-1])
    first.stdout.readline()
    stop_between_batches(first)
    Run.objects.update(heartbeat_at=time.now)
    time.move(STALE_SECONDS)
    recover(time.now)
    second = start_worker(deliveries[-1])
    first.send_signal(signal.SIGCONT)
    let_finish(first)
    let_finish(second)

    run.refresh_from_db()
    assert (first.returncode, second.returncode, run.status) == (0, 0, "succeeded")
    assert (run.done_count, run.generation) == (ROWS, 3)
    assert Item.objects.filter(times=1).count() == ROWS


def stop_between_batches(worker):
    """Stop a worker while it holds no lock, or nobody could tell that it was given up."""
    while True:
        worker.send_signal(signal.SIGSTOP)
        os.waitpid(worker.pid, os.WUNTRACED)
        if is_unlocked():
            return
        worker.send_signal(signal.SIGCONT)


def is_unlocked():
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                query("SET LOCAL lock_timeout = '100ms'")
            Run.objects.update(error_message="")
    except OperationalError:
        return False
    return True


def kill_at_some_moment(worker, random):
    """Kill after some batches; the worker is in the middle of a later one by then."""
    for _ in range(random.randint(1, 15)):
        worker.stdout.readline()
    worker.kill()
    worker.wait()


def let_finish(worker):
    worker.stdout.read()
    worker.wait()


def both_counts():
    """Ask in one statement: PostgreSQL may still be committing what the killed worker sent."""
    rows = Item.objects.filter(times=1).order_by().values("times").annotate(n=Count("pk"))
    return Run.objects.annotate(counted=Coalesce(Subquery(rows.values("n")), 0)).values_list(
        "counted", "done_count"
    )
