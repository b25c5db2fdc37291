"""The heart beats until it is told to end; of two hearts, one makes the run."""

import io
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from dynschema.evolution import Run, Task, launch, task_with_callable
from dynschema.evolution.clock import Clock
from dynschema.evolution.management.commands import heartbeat
from dynschema.evolution.schedules import heartbeat as hearts
from dynschema.evolution.schedules import ticks
from tests.evolution.runs.conftest import Time
from tests.evolution.schedules.conftest import NOON
from tests.evolution.schedules.rooms import tasks
from tests.evolution.schedules.rooms.models import Note, Room
from tests.support.missing_tables import without_table

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Day(Time):
    """Goes on while somebody sleeps, and ends with Ctrl-C."""

    def __init__(self, sleeps=0):
        super().__init__()
        self.now = NOON
        self.sleeps = sleeps

    def sleep(self, seconds):
        if len(self.slept) == self.sleeps:
            raise KeyboardInterrupt
        super().sleep(seconds)


@pytest.fixture
def beat(monkeypatch):
    """Run the command on such a day."""

    def run(*arguments, day=None, command="heartbeat"):
        day = day or Day()
        monkeypatch.setattr(heartbeat.Command, "clock", day.clock)
        written = io.StringIO()
        call_command(command, *arguments, stdout=written)
        return written.getvalue()

    return run


@pytest.mark.parametrize("command", ["heartbeat", "sisy_heartbeat"])
def test_once_ticks_once(beat, schedule, command):
    schedule(line="0 12 * * *", timezone="UTC", label="Noon")
    Task.objects.update(next_run=NOON)

    written = beat("--once", command=command)

    assert re.fullmatch(r"Noon: succeeded, 1 of 1 items \(100%\), [\d,]+/s\n", written)
    assert Note.objects.count() == 1


def test_a_run_that_it_takes_to_its_end_is_shown_at_its_end(beat, settings):
    settings.DYNSCHEMA = {"evolution": {"engine": "manual"}}
    Room.objects.create()
    run = launch(tasks.RenameRooms, {"prefix": "old "})
    Run.objects.filter(pk=run.pk).update(
        engine="inline", status="interrupted", next_attempt_at=NOON, heartbeat_at=NOON
    )

    written = beat("--once")

    assert re.fullmatch(r".*RenameRooms: succeeded, 1 of 1 items \(100%\), [\d,]+/s\n", written)


def test_a_missing_table_is_said_with_the_command(beat):
    with without_table(Task), pytest.raises(CommandError) as refused:
        beat("--once")

    assert refused.value.returncode == 1
    assert str(refused.value) == (
        '[dynschema.E559] Database "default" has no table for schedules. '
        "Run: manage.py migrate dynschema_evolution --database=default."
    )


def test_another_error_of_the_database_is_left_as_it_is(beat, monkeypatch):
    def lose_connection(now):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(ticks, "_plan_anew", lose_connection)

    with pytest.raises(OperationalError, match="server closed the connection"):
        beat("--once")


def test_it_ticks_every_minute_until_it_is_interrupted(beat, schedule):
    schedule(line="*/2 * * * *")
    day = Day(sleeps=4)

    written = beat(day=day)

    assert day.slept == [60.0] * 4
    assert written.endswith("Received keyboard interrupt, exiting...\n")
    assert list(Run.objects.values_list("created_at", flat=True).order_by("created_at")) == [
        NOON.replace(minute=2),
        NOON.replace(minute=4),
    ]


def test_sisys_frequency_is_known(beat, settings):
    settings.SISY_HEARTBEAT_FREQUENCY = 5
    settings.SISY_DEFAULT_SCHEDULE = "0 3 * * *"
    day = Day(sleeps=2)

    beat(day=day)

    assert day.slept == [5.0, 5.0]
    assert task_with_callable(tasks.sweep).schedule == "0 3 * * *"


@pytest.mark.parametrize(
    "error", [OperationalError("the server is starting up"), ValueError("a bug"), SystemExit(1)]
)
def test_no_error_ends_it(error, beat, monkeypatch, caplog):
    def fail(now):
        raise error

    monkeypatch.setattr(hearts, "tick", fail)
    day = Day(sleeps=2)

    written = beat(day=day)

    assert (len(day.slept), written) == (2, "Received keyboard interrupt, exiting...\n")
    assert [record.message for record in caplog.records] == [
        "This tick was not possible; the next one comes."
    ] * 3


def test_a_tick_that_took_long_is_followed_at_once(monkeypatch):
    day = Day(sleeps=1)
    monkeypatch.setattr(hearts, "tick", lambda now: day.move(90) or [])

    with pytest.raises(KeyboardInterrupt):
        list(hearts.beats(Clock(lambda: day.now, day.seconds, day.sleep)))

    assert day.slept == [0.0]


# In processes of their own


@pytest.fixture
def start_heart(child_environment):
    """Start hearts; none is left behind."""
    started = []

    def start(*arguments):
        command = [sys.executable, "-u", "-m", "django", "heartbeat", *arguments]
        heart = subprocess.Popen(
            command,
            env=child_environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(heart)
        return heart

    yield start
    for heart in started:
        heart.kill()
        heart.wait()
        heart.stdout.close()


@pytest.mark.slow
def test_two_hearts_that_beat_at_once_make_one_run_of_each(start_heart, schedule):
    names = [f"Room {n}" for n in range(25)]
    for name in names:
        schedule(label=name, line="0 0 1 1 *")
    Task.objects.update(next_run=LONG_AGO)

    first, second = start_heart("--once"), start_heart("--once")
    written = [heart.communicate()[0] for heart in (first, second)]

    assert (first.returncode, second.returncode) == (0, 0), written
    assert sorted(Run.objects.values_list("name", flat=True)) == sorted(names)
    assert Note.objects.count() == len(names)
    assert set(Task.objects.values_list("run_count", flat=True)) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_heart_ends_when_it_is_told_to(start_heart, schedule, sent):
    schedule(label="Now")
    Task.objects.update(next_run=LONG_AGO)

    heart = start_heart()
    first = heart.stdout.readline()
    os.kill(heart.pid, sent)
    rest, _ = heart.communicate()

    assert first.startswith("Now: ")
    assert rest.endswith("Received keyboard interrupt, exiting...\n")
    assert heart.returncode == 0
