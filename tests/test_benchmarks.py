"""The benchmarks run on both databases, and say what they measured."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from benchmarks.measuring import Contender, Times, measure
from benchmarks.results import Peak, as_json, as_table, compared, duration
from tests.settings import ROOT

MEMORY = [
    ("dump2py, memory, 40 rows", "dumpdata"),
    ("restore, memory, 40 rows", "loaddata"),
    ("restore --quick, memory, 40 rows", "loaddata"),
]
WHAT_IS_MEASURED = [
    ("add a field", "raw SQL"),
    ("add a field", "bare Django"),
    ("add a field", "bare Django, read"),
    ("rename a field", "raw SQL"),
    ("rename a field", "bare Django"),
    ("rename a field", "bare Django, read"),
    ("retire a field", "raw SQL"),
    ("retire a field", "bare Django"),
    ("retire a field", "bare Django, read"),
    ("a survey with ten questions", "raw SQL"),
    ("a survey with ten questions", "bare Django"),
    ("a survey with ten questions", "bare Django, read"),
    ("model_for, later in a request (queries: 0)", "a dict look-up"),
    ("model_for, first in a request (queries: 1)", "one SELECT"),
    ("model_for, no request (queries: 1)", "one SELECT"),
    ("rows: insert", "static model"),
    ("rows: filter", "static model"),
    ("rows: order", "static model"),
    ("run in bulk", "raw UPDATE"),
    ("run in bulk, 5,000 each", "raw UPDATE, 5,000 each"),
    ("run in bulk, 500 each", "raw UPDATE, 500 each"),
    ("run in bulk", "bulk_update()"),
    ("run row by row", "raw UPDATE"),
    ("run row by row", "bulk_update()"),
    ("run row by row", "save() each, 500 a commit"),
    ("run row by row", "save() each"),
    ("an empty slice", "an empty batch"),
    ("dump2py", "dumpdata"),
    ("restore", "loaddata"),
    ("restore --quick", "loaddata"),
    *MEMORY,
    ("raw ADD COLUMN, 4 models", "with 2"),
    ("add a field, 4 models", "with 2"),
    ("start, eager, 4 models", "static"),
    ("start, lazy, 4 models", "empty"),
    ("lazy, then all 4 models", "static"),
    ("reverse() after a new one, 4 models", "the first reverse(), static"),
    ("status, 4 tables (queries: 5)", "the catalog alone"),
]


@pytest.mark.slow
@pytest.mark.once
def test_each_benchmark_runs(database, tmp_path):
    results = tmp_path / "results.json"
    command = ["-m", "benchmarks", f"--database={database}", "--tiny", f"--json={results}"]

    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=os.environ, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(results.read_text())
    assert [(line["name"], line["floor"]) for line in found["lines"]] == WHAT_IS_MEASURED
    timed = [line for line in found["lines"] if (line["name"], line["floor"]) not in MEMORY]
    assert all(line["seconds"] > 0 and line["ratio"] > 0 for line in timed)
    assert {*found["noise"]} == {"python loop", "sql statement"}
    assert all(line["name"] in done.stdout for line in found["lines"])


def test_contenders_take_turns_and_the_warm_up_does_not_count(transactional_db, monkeypatch):
    seen = []
    monkeypatch.setattr("benchmarks.noise.sample", lambda: seen.append("noise"))
    contenders = [
        Contender(name, {"go": lambda name=name: seen.append(name)}, calls=2) for name in "ab"
    ]

    measured = measure(contenders, repetitions=3, warm_up=1)

    assert {key: len(times.wall) for key, times in measured.items()} == {
        ("a", "go"): 3,
        ("b", "go"): 3,
    }
    turns = [sorted(seen[start : start + 5]) for start in range(0, len(seen), 5)]
    assert turns == [["a", "a", "b", "b", "noise"]] * 4


def test_a_line_compares_medians_and_judges_the_ratio():
    floor, ours = Times([1.0, 2.0, 9.0], [1.0, 1.0, 1.0]), Times([4.0, 5.0, 6.0], [3.0, 3.0, 9.0])

    kept = compared("slow", ("raw SQL", floor), ours, budget=2.5)
    over = compared("slow", ("raw SQL", floor), ours, budget=2.4)
    free = compared("slow", ("raw SQL", floor), ours)

    assert (kept.floor_seconds, kept.seconds, kept.ratio, kept.cpu_ratio) == (2.0, 5.0, 2.5, 3.0)
    assert [each.verdict for each in (kept, over, free)] == ["kept", "OVER", ""]
    assert (kept.floor_spread, kept.spread) == (4.0, 0.4)


def test_the_table_has_a_line_for_each_measurement():
    line = compared("add", ("raw SQL", Times([0.002], [0.001])), Times([0.005], [0.003]), 2.4)

    assert as_table([line]).splitlines() == [
        "what  beside   floor  dynschema  ratio  CPU ratio  budget            IQR",
        "add   raw SQL   2 ms       5 ms   2.50       3.00   2.4 x  OVER  0% / 0%",
    ]
    assert as_json([line])[0]["verdict"] == "OVER"


def test_the_memory_of_a_process_is_shown_in_megabytes():
    line = Peak("restore", "loaddata", 31_400_000, 5_500_000)

    assert as_table([line]).splitlines() == [
        "what     beside      floor  dynschema  ratio  CPU ratio  budget    IQR",
        "restore  loaddata  31.4 MB     5.5 MB   0.18",
    ]
    assert as_json([line])[0]["bytes"] == 5_500_000


def test_the_time_of_one_row_can_be_shown_as_a_rate():
    line = compared("rows", ("raw SQL", Times([0.00001], [0.0])), Times([0.001], [0.0]))

    assert as_table([replace(line, is_rate=True)]).splitlines()[1].split("  ")[:4] == [
        "rows",
        "raw SQL",
        "100,000 rows/s",
        "1,000 rows/s",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1.5, "1.5 s"), (0.0025, "2.5 ms"), (3.2e-6, "3.2 µs"), (2e-8, "0.02 µs")],
)
def test_a_duration_has_a_fitting_unit(seconds, words):
    assert duration(seconds) == words
