"""After kill -9 or Ctrl-C at whatever moment, `massmigrate resume` goes on at the very row."""

import signal
import subprocess
import sys

import pytest
from django.core.management import call_command

from dynschema.evolution import Run
from dynschema.evolution.massmigrations.loader import find
from tests.evolution.runs.stock.models import Item

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROWS = 4_000


@pytest.fixture
def stop_midway(child_environment):
    """Give a function that runs the command and sends it a signal when some rows are done."""

    def stop(number):
        command = [sys.executable, "-m", "django", "massmigrate", "run", "shop:0002_count"]
        started = subprocess.Popen(
            command,
            env=child_environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with started:
            first = started.stdout.readline()
            started.send_signal(number)
            rest = started.stdout.read()
        return started.returncode, first + rest

    return stop


@pytest.fixture
def rows():
    find("shop:0001_open").launch("default")
    Item.objects.bulk_create(Item() for _ in range(ROWS - 1))


def test_a_killed_command_is_taken_over_at_the_row_where_it_was(rows, stop_midway, capsys):
    code, shown = stop_midway(signal.SIGKILL)
    assert code == -signal.SIGKILL, shown
    midway = Run.objects.get(name="shop:0002_count")
    assert (midway.status, 0 < midway.done_count < ROWS) == ("running", True)

    Run.objects.update(heartbeat_at="2026-01-01T00:00Z")
    call_command("massmigrate", "resume", "shop:0002_count")

    midway.refresh_from_db()
    assert (midway.status, midway.done_count) == ("succeeded", ROWS)
    assert Item.objects.filter(times=1).count() == ROWS


def test_an_interrupted_command_is_resumed_at_the_row_where_it_was(rows, stop_midway, capsys):
    code, shown = stop_midway(signal.SIGINT)
    assert code != 0, shown
    midway = Run.objects.get(name="shop:0002_count")
    assert midway.status == "interrupted", shown

    call_command("massmigrate", "resume", "shop:0002_count")

    midway.refresh_from_db()
    assert (midway.status, midway.done_count) == ("succeeded", ROWS)
    assert Item.objects.filter(times=1).count() == ROWS
