"""Actions wait for their turn, also with several workers; a lost worker holds up nobody."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from dynschema.evolution import Run, cancel, pause, recover
from dynschema.evolution.delivery import Delivery
from dynschema.evolution.post_deploy import launches
from dynschema.evolution.runner import perform
from tests.evolution.post_deploy.bakery import chores
from tests.evolution.post_deploy.cellar import post_deploy as cellar
from tests.evolution.post_deploy.conftest import AIR, ARRANGE, BAKERY, SWEEP
from tests.evolution.runs.stock.models import Item

pytestmark = pytest.mark.django_db(transaction=True)


def worked():
    return list(Item.objects.order_by("pk").values_list("name", flat=True))


def status_of(path):
    return Run.objects.filter(name=path).latest().status


def test_a_worker_that_comes_first_lets_earlier_actions_pass(deploy, deliveries):
    deploy("--auto")
    first, second, third = deliveries

    again = perform(second)
    perform(first)
    perform(again)
    perform(third)

    assert again.delay_seconds == 1.0
    assert worked() == ["sweep", "arrange", "air"]
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}


@pytest.mark.parametrize("end", [cancel, pause])
def test_what_will_not_run_holds_up_nobody(end, deploy, deliveries):
    deploy("--auto")
    end(Run.objects.get(name=SWEEP))

    perform(deliveries[1])

    assert worked() == ["arrange"]


def test_an_action_whose_worker_is_lost_holds_up_nobody(deploy, deliveries):
    deploy("--auto")
    long_ago = timezone.now() - timedelta(minutes=3)
    Run.objects.filter(name=SWEEP).update(status="running", heartbeat_at=long_ago)

    perform(deliveries[1])

    assert worked() == ["arrange"]


def test_an_action_that_waits_for_a_retry_is_waited_for(deploy, deliveries):
    deploy("--auto")
    long_ago, soon = (timezone.now() + timedelta(minutes=each) for each in (-3, 5))
    waiting = {"status": "interrupted", "heartbeat_at": long_ago, "next_attempt_at": soon}
    Run.objects.filter(name=SWEEP).update(**waiting)

    perform(deliveries[1])

    assert (status_of(ARRANGE), worked()) == ("interrupted", [])


def test_the_next_deployment_takes_over_what_a_lost_worker_left(deploy, deliveries, settings):
    deploy("--one", SWEEP)
    long_ago = timezone.now() - timedelta(minutes=3)
    Run.objects.update(status="running", heartbeat_at=long_ago, engine="inline")
    settings.DYNSCHEMA = {}

    printed = deploy("--auto")

    assert printed[:2] == [f"Completed {SWEEP}", f"Scheduled {ARRANGE}"]
    assert worked() == ["sweep", "arrange", "air"]
    assert Run.objects.get(name=SWEEP).attempts == 0


def test_what_is_under_way_is_told_and_left_alone(deploy, deliveries):
    deploy("--auto")

    printed = deploy("--auto")

    assert printed == [
        *[f"Still running {path}" for path in (SWEEP, ARRANGE, AIR)],
        "No actions scheduled.",
    ]
    assert len(deliveries) == 3


@pytest.mark.only("postgresql")
def test_a_worker_that_lost_its_action_to_a_reset_changes_nothing(deploy, deliveries, monkeypatch):
    path = f"{BAKERY}.chores.lock_up"
    do = chores.lock_up

    def reset():
        deploy("--reset", path)
        connection.close()

    def be_reset_meanwhile():
        do()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(reset).result()

    monkeypatch.setattr(chores, "lock_up", be_reset_meanwhile)
    be_reset_meanwhile.__module__ = chores.__name__
    deploy("--one", path)

    perform(deliveries[0])

    run = Run.objects.get()
    assert (run.status, run.generation, deploy.failure) == ("cancelled", 2, None)
    assert worked() == []


def test_a_lock_is_waited_for_by_the_command(time, monkeypatch):
    path = f"{BAKERY}.chores.lock_up"
    do, errors = chores.lock_up, [OperationalError("locked"), OperationalError("locked")]

    def be_locked_twice():
        do()
        if errors:
            raise errors.pop()

    monkeypatch.setattr(chores, "lock_up", be_locked_twice)
    be_locked_twice.__module__ = chores.__name__

    run = launches.run_task(path, clock=time.clock)

    assert (run.status, worked()) == ("succeeded", ["lock up"])
    assert [round(seconds) > 0 for seconds in time.slept] == [True, True]


def test_an_action_without_a_transaction_is_not_tried_again_by_itself(deploy, monkeypatch):
    def be_locked():
        Item.objects.create(name="half done")
        raise OperationalError("locked")

    monkeypatch.setattr(cellar, "air", be_locked)
    be_locked.__module__ = cellar.__name__

    deploy("--one", AIR)

    assert (status_of(AIR), worked()) == ("errored", ["half done"])


def test_a_worker_with_the_code_of_yesterday_tries_later(deploy, deliveries, monkeypatch):
    deploy("--one", SWEEP)
    monkeypatch.delattr(f"{BAKERY}.post_deploy.sweep")

    again = perform(deliveries[0])

    assert again == Delivery(again.run_pk, 1, "default", {}, 300.0)
    assert status_of(SWEEP) == "interrupted"
    assert deploy("--status")[0].endswith(
        'UnknownWorkError: [dynschema.E501] There is no action named "tests.evolution.'
        "post_deploy.bakery.post_deploy.sweep\": module 'tests.evolution.post_deploy.bakery."
        "post_deploy' has no attribute 'sweep'. Deploy the code that has it, or cancel the runs "
        "that ask for it.)"
    )


def test_recovering_one_kind_leaves_the_others_alone(deploy, deliveries):
    deploy("--one", SWEEP)
    long_ago = timezone.now() - timedelta(minutes=3)
    Run.objects.update(heartbeat_at=long_ago)

    assert recover(kind="migration") == []
    assert recover(kind="action") == [Run.objects.get()]
