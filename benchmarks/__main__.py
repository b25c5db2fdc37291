"""Measures everything on one database: python -m benchmarks --database=sqlite|postgresql.

A budget that is not kept is said in the table and not in the status: this is no test, and the
machine may be busy with something else.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks import noise
from benchmarks.database import DATABASES, own_database
from benchmarks.results import Line, Peak, as_json, as_table, noise_in_words
from benchmarks.sizes import FULL, TINY, USUAL, Sizes

SUBJECTS = (
    "fields",
    "surveys",
    "classes",
    "records",
    "runs",
    "dumps",
    "memory",
    "growth",
    "processes",
    "addresses",
    "standings",
)


def subjects(sizes: Sizes) -> dict[str, Callable[[], Iterator[Line | Peak]]]:
    """What is measured: a table of contents, in the order in which the database fills."""
    # Models can be imported only now that Django is set up.
    from benchmarks import (
        addresses,
        classes,
        dumps,
        fields,
        growth,
        memory,
        processes,
        records,
        runs,
        standings,
        surveys,
    )

    return {
        "fields": lambda: fields.measure_fields(sizes.fields),
        "surveys": lambda: surveys.measure_surveys(sizes.surveys),
        "classes": lambda: classes.measure_classes(sizes.classes),
        "records": lambda: records.measure_records(sizes.records),
        "runs": lambda: runs.measure_runs(sizes.runs, sizes.rows),
        "dumps": lambda: dumps.measure_dumps(sizes.runs, sizes.dumped),
        "memory": lambda: memory.measure_memory(sizes.remembered),
        "growth": lambda: growth.measure_growth(sizes.growth, sizes.models),
        "processes": lambda: processes.measure_processes(sizes.processes, sizes.models[1]),
        "addresses": lambda: addresses.measure_addresses(sizes.processes, sizes.models[1]),
        "standings": lambda: standings.measure_standings(sizes.processes, sizes.models[1]),
    }


def main() -> None:
    """Measure, and show the table."""
    chosen = arguments()
    sizes = FULL if chosen.full else TINY if chosen.tiny else USUAL
    with own_database(chosen.database) as software:
        lines = list(everything(sizes, chosen.only or SUBJECTS))
    print(f"\n{software}\n\n{as_table(lines)}\n\n{noise_in_words(noise.summary())}")
    if chosen.json:
        found = {"software": software, "lines": as_json(lines), "noise": noise.summary()}
        chosen.json.write_text(json.dumps(found, indent=2) + "\n")


def everything(sizes: Sizes, only: Iterable[str]) -> Iterator[Line | Peak]:
    """Measure one subject after the other."""
    for name, measure in subjects(sizes).items():
        if name in only:
            print(f"measuring {name} ...", flush=True)
            yield from measure()


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--only", choices=SUBJECTS, nargs="+", help="leave out the others")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--full", action="store_true", help="more often, and with 5,000 models")
    size.add_argument("--tiny", action="store_true", help="only to see that everything runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
