"""Sum up the reports of several test runs in one line, as pytest does for one.

Usage: python3 tools/summary.py FOLDER STATUS, where STATUS is how the runs ended together.
"""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree


def main(folder, status):
    """Print a line for each run, and the closing one."""
    runs = {path.stem: read_report(path) for path in sorted(Path(folder).glob("*.xml"))}
    for name, counts in runs.items():
        print(f"{name}: {in_words(counts)}")
    total = sum(runs.values(), Counter())
    if status and not total["failed"] + total["error"]:
        # A linter, a type, a floor, or a run that never came to its tests.
        total["error"] = 1
    print(f"=== {in_words(total)} ===")


def read_report(path):
    """Count the outcomes in one JUnit file."""
    counts = Counter()
    for suite in ElementTree.parse(path).getroot().iter("testsuite"):
        failed, error, skipped, tests = (
            int(suite.get(name, 0)) for name in ("failures", "errors", "skipped", "tests")
        )
        counts.update(failed=failed, error=error, skipped=skipped)
        counts.update(passed=tests - failed - error - skipped, seconds=float(suite.get("time", 0)))
    return counts


def in_words(counts):
    """Say how many passed, failed and so on, in the order of pytest."""
    outcomes = [
        f"{counts[name]} {name}"
        for name in ("failed", "passed", "skipped", "error")
        if counts[name] or name == "passed"
    ]
    return "{} in {:.1f} s".format(", ".join(outcomes), counts["seconds"])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
