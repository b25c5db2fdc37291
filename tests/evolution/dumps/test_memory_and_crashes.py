"""A dump takes no more memory for more rows, and one whose process is killed is never there."""

import gc
import signal
import subprocess
import sys
import tracemalloc

from dynschema.evolution.dumps.dumping import Options, dump
from dynschema.evolution.dumps.executing import restore_dump
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


def peak_of(work) -> int:
    """Give the bytes that were taken at once."""
    gc.collect()
    gc.freeze()  # What the other tests have left would let Python look for garbage more rarely.
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.unfreeze()


def test_memory_stays_flat(command):
    folder = command.folder / "dump"
    peaks = []
    for count in (FEW, FEW, MANY):  # The first round fills caches.
        Item.objects.all().delete()
        Item.objects.bulk_create((Item(name=f"{each}") for each in range(count)), batch_size=1000)
        written = peak_of(lambda: dump(folder, ITEMS))
        read = peak_of(lambda: restore_dump(folder, "--noinput", "--quick"))
        peaks.append((written, read))

    _, few, many = peaks
    assert Item.objects.count() == MANY
    assert many[0] < few[0] * 1.5
    assert many[1] < few[1] * 1.5


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
    assert target.exists()


def test_an_older_dump_stays_whole_when_the_next_one_is_killed(command, child_environment):
    Item.objects.bulk_create(Item(name=f"{each}") for each in range(2000))
    target = command.dump("dump", "stock.Item")
    Item.objects.all().update(name="changed")

    subprocess.run([sys.executable, "-c", KILLED_AMID_THE_ROWS, str(target)], env=child_environment)
    command.restore(target)

    assert Item.objects.filter(name="changed").count() == 0
