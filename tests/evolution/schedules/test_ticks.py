"""A tick makes one run of each schedule that is due, whatever happens to the others."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from dynschema.evolution import Run, Task, launch, tick
from dynschema.evolution.runner import perform
from tests.evolution.runs.conftest import Shelf
from tests.evolution.schedules.conftest import NOON
from tests.evolution.schedules.rooms import tasks
from tests.evolution.schedules.rooms.models import Note, Room

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)
HOME = "tests.evolution.schedules.rooms"


@pytest.fixture
def shelf(settings):
    """Have runs kept where nobody executes them."""
    home = "tests.evolution.runs.conftest.Shelf"
    settings.DYNSCHEMA = {"evolution": {"engine": "shelf", "engines": {"shelf": home}}}
    Shelf.deliveries.clear()
    return Shelf.deliveries


# When


def test_a_schedule_runs_when_it_is_due_and_not_before(schedule, stored):
    schedule()

    early, due, again = (tick(NOON + n * MINUTE) for n in (9, 10, 11))

    assert [len(each) for each in (early, due, again)] == [0, 1, 0]
    assert [due[0].status, due[0].triggered_by, due[0].created_at] == [
        "succeeded",
        "schedule",
        NOON + 10 * MINUTE,
    ]
    task = stored()
    assert (task.run_count, task.last_run) == (1, NOON + 10 * MINUTE)
    assert task.next_run == NOON + 20 * MINUTE


def test_after_a_missed_stretch_there_is_one_run_and_no_storm(schedule, stored):
    schedule()

    made = [len(tick(NOON + timedelta(days=3, minutes=n))) for n in (5, 6, 9, 10)]

    assert made == [1, 0, 0, 1]
    assert (Run.objects.count(), stored().run_count) == (2, 2)


def test_the_time_is_that_of_the_site(schedule, stored, settings):
    settings.TIME_ZONE = "Asia/Tokyo"

    schedule(line="30 0 * * *")

    assert stored().next_run == datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


def test_a_schedule_may_have_a_zone_of_its_own(schedule, stored):
    schedule(line="30 0 * * *", timezone="America/New_York")

    assert stored().next_run == datetime(2026, 11, 21, 5, 30, tzinfo=UTC)


def test_when_the_site_moves_to_another_zone_its_schedules_do_so_too(schedule, stored, settings):
    schedule(line="30 0 * * *")
    before = stored().next_run

    settings.TIME_ZONE = "Asia/Tokyo"
    made = tick(NOON)

    assert before == datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert (made, stored().next_run) == ([], datetime(2026, 11, 20, 15, 30, tzinfo=UTC))


def test_a_window_is_kept_to_its_ends(schedule, stored):
    schedule(start_running=NOON + 20 * MINUTE, end_running=NOON + 40 * MINUTE)

    made = [n for n in range(0, 70, 5) if tick(NOON + n * MINUTE)]

    assert made == [20, 30, 40]
    task = stored()
    assert (task.enabled, task.next_run) == (False, None)
    assert task.finished_at == NOON + 40 * MINUTE


def test_what_was_missed_is_not_run_after_the_end(schedule, stored):
    schedule(end_running=NOON + 40 * MINUTE)

    made = tick(NOON + 50 * MINUTE)

    assert (made, stored().enabled, stored().finished_at) == ([], False, NOON + 50 * MINUTE)


def test_an_end_that_has_passed_ends_it_when_it_is_saved(schedule, stored):
    schedule(end_running=NOON - MINUTE)

    assert (stored().enabled, stored().next_run, stored().finished_at) == (False, None, NOON)


def test_the_first_run_need_not_wait_for_the_schedule(schedule):
    schedule(line="0 0 1 1 *", wait_for_schedule=False)

    made = [len(tick(NOON + n * MINUTE)) for n in (0, 1)]

    assert made == [1, 0]


def test_so_many_iterations_and_no_more(schedule, stored):
    schedule(iterations=2)

    made = [n for n in range(0, 60, 10) if tick(NOON + n * MINUTE)]

    assert made == [10, 20]
    assert (stored().run_count, stored().enabled) == (2, False)


def test_more_iterations_take_a_finished_one_up_again(schedule, stored):
    schedule(iterations=1)
    tick(NOON + 10 * MINUTE)
    task = stored()

    task.enabled = True
    task.save()
    still_over = stored().enabled
    task.iterations, task.enabled = 2, True
    task.save()

    assert (still_over, stored().enabled, stored().finished_at) == (False, True, None)


def test_what_was_missed_while_it_was_disabled_is_not_made_up(schedule, stored):
    task = schedule()

    task.enabled = False
    task.save()
    asleep = tick(NOON + 30 * MINUTE)
    task.enabled = True
    task.plan(NOON + 35 * MINUTE)
    task.save()

    assert (asleep, stored().next_run) == ([], NOON + 40 * MINUTE)


def test_a_row_that_a_migration_has_switched_off_and_on_is_planned_anew(schedule, stored):
    schedule()

    Task.objects.update(enabled=False)
    tick(NOON + 30 * MINUTE)
    Task.objects.update(enabled=True)
    made = tick(NOON + 35 * MINUTE)

    assert (made, stored().next_run) == ([], NOON + 40 * MINUTE)


def test_a_row_that_was_only_written_is_planned_at_the_next_tick(schedule, stored):
    schedule()

    Task.objects.update(schedule="0 * * * *", planned_as="", next_run=None)
    tick(NOON)

    assert stored().next_run == NOON + 60 * MINUTE


# Overlap


def test_no_second_run_starts_while_one_is_under_way(schedule, shelf, stored):
    schedule()

    made = [len(tick(NOON + n * MINUTE)) for n in (10, 11)]
    Run.objects.update(heartbeat_at=NOON + 20 * MINUTE)
    made.append(len(tick(NOON + 20 * MINUTE)))

    assert (made, len(shelf)) == ([1, 0, 0], 1)
    task = stored()
    assert (task.run_count, task.last_run) == (1, NOON + 10 * MINUTE)
    assert (task.next_run, task.last_error) == (NOON + 30 * MINUTE, "")


def test_overlap_may_be_allowed(schedule, shelf):
    schedule(allow_overlap=True)

    for minutes in (10, 20):
        Run.objects.update(heartbeat_at=NOON + minutes * MINUTE)
        tick(NOON + minutes * MINUTE)

    assert (len(shelf), Run.objects.active().count()) == (2, 2)


# Errors


def test_an_error_is_recorded_and_the_schedule_goes_on(schedule, stored):
    schedule(tasks.fail)

    made = [run for n in (10, 20) for run in tick(NOON + n * MINUTE)]

    assert [(run.status, run.error_class, run.error_message) for run in made] == [
        ("errored", "ValueError", "the bucket is empty")
    ] * 2
    assert "raise ValueError" in made[0].traceback
    assert (Note.objects.count(), stored().enabled) == (0, True)
    assert stored().next_run == NOON + 30 * MINUTE


def test_what_fails_is_called_once(schedule):
    schedule(tasks.fall)
    tasks.falls.clear()

    [run] = tick(NOON + 10 * MINUTE)

    assert tasks.falls == ["down"]
    assert (run.status, run.error_message) == ("errored", "the ladder is short")


def test_code_that_is_gone_keeps_no_other_schedule_back(schedule, monkeypatch):
    schedule(tasks.daily_maintenance)
    schedule(tasks.sweep)
    monkeypatch.delattr(tasks, "daily_maintenance")

    made = tick(NOON + 10 * MINUTE)

    gone = Task.objects.get(label__endswith="daily_maintenance")
    assert [run.name for run in made] == [f"{HOME}.tasks.sweep"]
    assert gone.last_error == (
        f'UnknownWorkError: [dynschema.E501] There is no callable named "{HOME}.tasks.'
        f"daily_maintenance\": module '{HOME}.tasks' has no attribute 'daily_maintenance'. "
        "Deploy the code that has it, or cancel the runs that ask for it."
    )
    assert (gone.enabled, gone.run_count, gone.next_run) == (True, 0, NOON + 20 * MINUTE)


def test_a_database_that_cannot_be_reached_keeps_no_schedule_back(
    schedule, archive, monkeypatch, caplog
):
    schedule()
    monkeypatch.setitem(connections["archive"].settings_dict, "NAME", "/nowhere/archive.sqlite3")
    connections["archive"].close()

    made = tick(NOON + 10 * MINUTE)

    assert [run.status for run in made] == ["succeeded"]
    assert "Database archive cannot be asked for runs; the others go on." in caplog.messages


def test_the_error_goes_when_a_run_can_be_made_again(schedule, stored):
    schedule()
    Task.objects.update(last_error="some")

    tick(NOON + 10 * MINUTE)

    assert stored().last_error == ""


def test_a_line_that_was_spoilt_by_hand_is_recorded_and_harms_no_other(schedule):
    schedule(label="Spoilt")
    schedule(label="Sound")
    Task.objects.filter(label="Spoilt").update(schedule="often", next_run=None)

    made = tick(NOON + 10 * MINUTE)

    assert [run.name for run in made] == ["Sound"]
    assert Task.objects.get(label="Spoilt").last_error.startswith(
        'InvalidScheduleError: [dynschema.E560] The schedule "often" is not valid: it has 1 field.'
    )


def test_a_run_whose_schedule_was_deleted_says_so(schedule, shelf):
    task = schedule()
    [run] = tick(NOON + 10 * MINUTE)
    task.delete()

    perform(shelf[0])

    run.refresh_from_db()
    assert (run.status, run.error_message) == (
        "interrupted",
        (
            f'[dynschema.E501] There is no task named "{HOME}.tasks.sweep": its schedule was '
            "deleted. Deploy the code that has it, or cancel the runs that ask for it."
        ),
    )


# Whoever ticks


def test_a_tick_takes_over_the_runs_of_lost_workers(shelf, transactional_db):
    Room.objects.create()
    run = launch(tasks.RenameRooms, {"prefix": "x"})
    Run.objects.update(heartbeat_at=NOON - timedelta(hours=1))

    found = tick(NOON)

    assert (found, len(shelf)) == ([run], 2)


def test_a_run_asked_for_by_hand_counts_and_the_schedule_goes_on(schedule, stored):
    task = schedule(line="0 0 1 1 *", iterations=3)

    run = task.run_asap("ann")

    assert (run.status, run.triggered_by, stored().run_count) == ("succeeded", "ann", 1)
    assert stored().next_run == task.next_run


def test_a_disabled_schedule_can_be_run_by_hand(schedule, stored):
    task = schedule(enabled=False)

    run = task.run_asap()

    assert (run.status, stored().enabled, stored().next_run) == ("succeeded", False, None)
