"""`manage.py deploy` tells how every action stands, in the words that users know."""

import pytest
from django.db import transaction

from dynschema.evolution import Run, pause, run_task, skip_all_tasks
from dynschema.evolution.models import Run as AnyRun
from tests.evolution.post_deploy.conftest import AIR, ARRANGE, PAINT, SWEEP
from tests.evolution.runs.conftest import MORNING
from tests.evolution.runs.stock.models import Item

pytestmark = pytest.mark.django_db(transaction=True)

AT = "2026-11-20 09:00"
"""The morning, in the site's time zone."""


def at_nine():
    Run.objects.exclude(started_at=None).update(started_at=MORNING)
    Run.objects.exclude(ended_at=None).update(ended_at=MORNING)


@pytest.mark.parametrize("option", ["--status", "--report"])
def test_the_status_tells_what_is_done_has_failed_and_was_skipped(option, deploy):
    Item.objects.create(name="bad")
    deploy("--skip", PAINT)
    deploy("--all")
    at_nine()

    printed = deploy(option)

    assert printed == [
        f"* {PAINT} (✅ completed-success {AT} Manually skipped.)",
        f"* {SWEEP} (✅ completed-success {AT})",
        f"* {ARRANGE} (❌ completed-failed {AT} ValueError: a bad item)",
        f"* {AIR} (❌ completed-failed {AT} ValueError: the window is stuck)",
    ]
    assert deploy.failure is None


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("enqueued", "🕑 scheduled-waiting"),
        ("interrupted", "🕑 scheduled-waiting"),
        ("running", "🏃 scheduled-started"),
        ("cancelling", "🏃 scheduled-started"),
    ],
)
def test_the_status_tells_what_waits_and_what_runs(status, words, deploy, deliveries):
    deploy("--one", SWEEP)
    Run.objects.update(status=status, created_at=MORNING)

    printed = deploy("--status")

    assert printed == [f"* {SWEEP} ({words} {AT})"]


def test_the_status_tells_what_stands_still(deploy, deliveries):
    deploy("--one", SWEEP)
    pause(Run.objects.get())
    Run.objects.update(created_at=MORNING)

    assert deploy("--status") == [f"* {SWEEP} (⏸ scheduled-paused {AT})"]


def test_the_status_is_told_where_times_have_no_zone(deploy, settings):
    settings.USE_TZ = False
    deploy("--one", SWEEP)

    [line] = deploy("--status")

    assert line.startswith(f"* {SWEEP} (✅ completed-success ")


def test_the_status_tells_of_the_latest_run_only(deploy):
    bad = Item.objects.create(name="bad")
    deploy("--one", ARRANGE)
    bad.delete()
    deploy("--once", ARRANGE)
    at_nine()

    assert deploy("--status") == [f"* {ARRANGE} (✅ completed-success {AT})"]


def test_what_was_reset_is_to_be_done_again(deploy):
    deploy("--one", SWEEP)
    deploy("--reset", SWEEP)

    assert deploy("--status") == ["No actions have run."]
    assert f"a: {SWEEP}" in deploy("--todo")


def test_to_do_is_what_never_ran_and_what_failed(deploy):
    Item.objects.create(name="bad")
    deploy("--one", ARRANGE)
    at_nine()

    printed = deploy("--todo")

    assert printed == [
        f"a: {SWEEP}",
        f"m: {PAINT} (after closing time)",
        f"a: {AIR}",
        f"F: {ARRANGE} (ValueError: a bad item {AT})",
    ]


def test_in_the_end_there_is_nothing_to_do(deploy):
    deploy("--all")

    assert deploy("--todo") == ["No actions to do."]


def test_every_run_has_its_uuid(deploy):
    deploy("--one", SWEEP)
    deploy("--one", PAINT)
    first, second = Run.objects.order_by("created_at")

    printed = deploy("--uuids")

    assert printed == [f"{second.pk} -- {PAINT}", f"{first.pk} -- {SWEEP}"]


def test_nothing_is_known_before_the_first_deployment(deploy):
    assert deploy("--status") == deploy("--uuids") == ["No actions have run."]


# From Python


def test_an_action_can_be_run_from_python():
    run = run_task(SWEEP, "ann")

    assert (run.status, run.triggered_by, Item.objects.get().name) == ("succeeded", "ann", "sweep")


def test_an_action_that_is_run_in_a_transaction_is_part_of_it():
    with transaction.atomic():
        run = run_task(SWEEP)
        transaction.set_rollback(True)

    assert run.status == "succeeded"
    assert (AnyRun.objects.count(), Item.objects.count()) == (0, 0)


def test_on_a_new_site_everything_counts_as_done(deploy):
    deploy("--one", SWEEP)

    skipped = skip_all_tasks("A new site.")

    assert [(run.name, run.status, run.message) for run in skipped] == [
        (path, "skipped", "A new site.") for path in (PAINT, ARRANGE, AIR)
    ]
    assert deploy("--all") == ["No actions scheduled."]
