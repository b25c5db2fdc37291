"""The most memory that a process takes to dump and to restore, beside dumpdata and loaddata."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.dumps import DUMP, DUMPDATA, LOADDATA, MODEL, QUICK, STRICT, empty, populate
from benchmarks.processes import environment
from benchmarks.results import Line, Peak

WORK = {
    DUMPDATA: "call_command('dumpdata', model, output=json)",
    DUMP: "dump(ours, Options(labels=[model]))",
    LOADDATA: "call_command('loaddata', json, verbosity=0)",
    STRICT: "restore_dump(ours, '--noinput')",
    QUICK: "restore_dump(ours, '--noinput', '--quick')",
}
PAIRS = ((DUMP, DUMPDATA), (STRICT, LOADDATA), (QUICK, LOADDATA))

STATUS = Path("/proc/self/status")
"""Where Linux tells it; what `getrusage` says begins with the memory of the parent."""

PROGRAM = """
import sys
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from dynschema.evolution.dumps.dumping import Options, dump
from dynschema.evolution.dumps.executing import restore_dump

def peak():
    status = Path("{status}").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024

connection.ensure_connection()
before = peak()
model, json, ours = sys.argv[1], sys.argv[2], Path(sys.argv[3])
{work}
print(peak() - before)
"""


def measure_memory(rows: int) -> Iterator[Line | Peak]:
    """Measure each way once, in a process of its own; nothing where the system does not tell."""
    if not STATUS.exists():
        return
    with TemporaryDirectory() as folder:
        populate(rows)
        peaks = {name: _peak(name, Path(folder)) for name in WORK}
    for name, floor in PAIRS:
        yield Peak(f"{name}, memory, {rows:,} rows", floor, peaks[floor], peaks[name])


def _peak(name: str, folder: Path) -> int:
    """Return the bytes that a process takes at most, beyond what it has when it is set up."""
    if name not in (DUMPDATA, DUMP):
        empty()
    program = PROGRAM.format(work=WORK[name], status=STATUS)
    command = [sys.executable, "-c", program, MODEL, str(folder / "people.json")]
    done = subprocess.run(
        [*command, str(folder / "people")],
        env=environment(),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return int(done.stdout.split()[-1])
