"""A dump takes no more memory for more rows, and one whose process is killed is never there."""

import signal
import subprocess
import sys
import tracemalloc

import pytest

from dynschema.evolution.dumps.dumping import Options
from dynschema.evolution.dumps.folders import written_aside
from tests.evolution.dumps.museum.models import Value
from tests.evolution.runs.stock.models import Item

ITEMS = Options(labels=["stock.Item"], overwrite=True)
FEW, MANY = 5_000, 25_000

KILLED_AMID_THE_ROWS = """
import os, signal, sys
import django
django.setup()
from pathlib import Path
from dynschema.evolution.dumps.dumping import Options, dump
from dynschema.evolution.signals import run_progressed

def kill(run, **others):
    os.kill(os.getpid(), signal.SIGKILL)

run_progressed.connect(kill)
dump(Path(sys.argv[1]), Options(labels=["stock.Item"], overwrite=True))
"""


MEASURED = """
import sys, tracemalloc
import django
django.setup()
from pathlib import Path
from dynschema.evolution.dumps.dumping import Options, dump
from dynschema.evolution.dumps.executing import restore_dump
from tests.evolution.runs.stock.models import Item

folder = Path(sys.argv[1])

def peak_of(work):
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak

for count in map(int, sys.argv[2:]):
    Item.objects.all().delete()
    Item.objects.bulk_create((Item(name=f"{each}") for each in range(count)), batch_size=1000)
    print(peak_of(lambda: dump(folder, Options(labels=["stock.Item"], overwrite=True))))
    print(peak_of(lambda: restore_dump(folder, "--noinput", "--quick")))
"""


@pytest.mark.slow
@pytest.mark.once
def test_memory_stays_flat(command, child_environment):
    # In a process of its own, since only its memory is to count. The least of three is taken: now
    # and then Python's table of interned strings is built anew, which takes two megabytes at once,
    # since the words in compiled rows come and go there.
    rounds = [str(count) for count in (FEW, FEW, FEW, MANY, MANY, MANY)]
    measured = [sys.executable, "-c", MEASURED, str(command.folder / "dump"), *rounds]

    done = subprocess.run(measured, env=child_environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    peaks = [int(line) for line in done.stdout.split() if line.isdigit()]
    written, read = peaks[0::2], peaks[1::2]
    assert Item.objects.count() == MANY
    assert min(written[3:]) < min(written[:3]) * 1.5
    assert min(read[3:]) < min(read[:3]) * 1.5


def test_a_dump_whose_process_is_killed_is_not_there(command, child_environment):
    Item.objects.bulk_create(Item(name=f"{each}") for each in range(2000))
    target = command.folder / "dump"

    done = subprocess.run(
        [sys.executable, "-c", KILLED_AMID_THE_ROWS, str(target)], env=child_environment
    )

    assert done.returncode == -signal.SIGKILL
    assert not target.exists()
    (left,) = command.folder.iterdir()
    assert left.name.startswith(".dump.partial-")
    command.dump("dump", "stock.Item")
    assert list(command.folder.iterdir()) == [target]


def test_what_killed_processes_left_of_other_dumps_is_not_touched(command):
    for name in (".dump.partial-mine", ".dump.later.partial-abcd1234", ".dump.former-abcd1234"):
        (command.folder / name).mkdir()
    (command.folder / ".dump.partial-abcd1234").symlink_to(command.folder / ".dump.partial-mine")

    command.dump("dump", "stock.Item")

    assert sorted(each.name for each in command.folder.iterdir()) == [
        ".dump.later.partial-abcd1234", ".dump.partial-abcd1234", ".dump.partial-mine", "dump",
    ]  # fmt: skip


def test_a_dump_that_fails_removes_nothing_of_an_earlier_one(command):
    left = command.folder / ".dump.former-abcd1234"
    left.mkdir()

    with pytest.raises(ZeroDivisionError), written_aside(command.folder / "dump", overwrite=False):
        raise ZeroDivisionError

    assert list(command.folder.iterdir()) == [left]


def test_a_dump_that_is_being_written_is_not_taken_for_a_leftover(command):
    target = command.folder / "dump"

    with written_aside(target, overwrite=False) as aside:
        command.dump("dump", "stock.Item")
        assert sorted(command.folder.iterdir()) == [aside, target]
        target.rename(command.folder / "other")

    assert sorted(each.name for each in command.folder.iterdir()) == ["dump", "other"]


def test_where_folders_cannot_be_locked_nothing_is_taken_for_a_leftover(command, monkeypatch):
    def refuse(*_):
        raise OSError("No locks available")

    left = command.folder / ".dump.partial-abcd1234"
    left.mkdir()
    monkeypatch.setattr("django.core.files.locks.lock", refuse)

    target = command.dump("dump", "stock.Item")

    assert sorted(command.folder.iterdir()) == [left, target]


def test_an_older_dump_stays_whole_when_the_next_one_is_killed(command, child_environment):
    Item.objects.bulk_create(Item(name=f"{each}") for each in range(2000))
    target = command.dump("dump", "stock.Item")
    Item.objects.all().update(name="changed")

    subprocess.run([sys.executable, "-c", KILLED_AMID_THE_ROWS, str(target)], env=child_environment)
    command.restore(target)

    assert Item.objects.filter(name="changed").count() == 0


def test_rows_with_long_texts_are_restored_few_at_a_time(command):
    Value.objects.bulk_create((Value(text="long" * 250_000) for _ in range(60)), batch_size=10)
    folder = command.dump("dump", "museum.Value")

    tracemalloc.start()
    command.restore(folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert Value.objects.count() == 60
    assert peak < 30_000_000
