"""Actions execute in real workers, in their order, and survive the death of a process."""

from datetime import timedelta
from signal import SIGKILL

import pytest
from django.db.models import F

from dynschema.evolution import Run
from tests.evolution.post_deploy.conftest import AIR, ARRANGE, BAKERY, PAINT, SWEEP
from tests.evolution.runs.brokers import wait_for
from tests.evolution.runs.stock.models import Item
from tests.evolution.runs.test_workers import CELERY_WORKER, DB_WORKER

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DEPLOY = ["django", "deploy"]
BURN = f"{BAKERY}.chores.burn"
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.evolution.post_deploy.worker_settings"}


@pytest.fixture
def tasks(tasks_site):
    tasks_site.environment |= SETTINGS
    return tasks_site


@pytest.fixture
def celery(celery_site):
    celery_site.environment |= SETTINGS
    return celery_site


def worked():
    return list(Item.objects.order_by("pk").values_list("name", flat=True))


def ended_in_order():
    return list(Run.objects.order_by("ended_at").values_list("name", "status"))


def test_a_database_worker_executes_actions_in_their_order(tasks):
    Item.objects.create(name="bad")

    deployed = tasks.do(*DEPLOY, "--all")
    tasks.do(*DB_WORKER, "--batch")
    again = tasks.do(*DEPLOY, "--all")

    scheduled = "".join(f"Scheduled {path}\n" for path in (SWEEP, PAINT, ARRANGE, AIR))
    assert deployed == (scheduled, 0)
    assert worked() == ["bad", "sweep", "paint", "air"]
    assert ended_in_order() == [
        (SWEEP, "succeeded"),
        (PAINT, "succeeded"),
        (ARRANGE, "errored"),
        (AIR, "errored"),
    ]
    assert again == ("No actions scheduled.\n", 0)


def test_a_celery_worker_executes_actions_with_the_settings_of_before(celery):
    deployed = celery.do(*DEPLOY, "--auto")
    worker = celery.start(*CELERY_WORKER)
    for _ in (SWEEP, ARRANGE, AIR):
        wait_for("succeeded", worker)

    scheduled = "".join(f"Scheduled {path}\n" for path in (SWEEP, ARRANGE, AIR))
    assert deployed == (scheduled, 0)
    assert worked() == ["sweep", "arrange", "air"]
    assert ended_in_order() == [(path, "succeeded") for path in (SWEEP, ARRANGE, AIR)]
    assert set(Run.objects.values_list("engine", flat=True)) == {"celery"}


def test_an_action_whose_process_was_killed_is_done_by_the_next_deployment(tasks):
    inline = {"TEST_ENGINE": "inline"}
    killed = tasks.do(*DEPLOY, "--one", BURN, TEST_KILL="1", **inline)
    after_the_kill = worked()
    Run.objects.update(heartbeat_at=F("heartbeat_at") - timedelta(days=1))

    printed = tasks.do(*DEPLOY, "--auto", **inline)

    assert killed == (f"Scheduled {BURN}\n", -SIGKILL)
    assert after_the_kill == []
    assert printed[0].splitlines()[0] == f"Completed {BURN}"
    assert worked() == ["burn", "sweep", "arrange", "air"]


def test_a_failure_ends_the_command_with_one(tasks):
    Item.objects.create(name="bad")

    failed = tasks.do(*DEPLOY, "--one", ARRANGE, TEST_ENGINE="inline")
    wrong = [tasks.do(*DEPLOY, *options) for options in ([], ["--one", "no.where"])]

    assert failed == (f"Scheduled {ARRANGE}\n", 1)
    assert wrong == [("", 1), ("", 1)]
