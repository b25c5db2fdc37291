"""Print the path of a Python that can run the newest Django, or nothing and exit with 1.

Looks at this Python, the PATH, pyenv and uv, and tries each one: the shims of pyenv are on the
PATH even where the version behind them is not switched on.
"""

import glob
import os
import shutil
import subprocess
import sys

# In the order of preference.
VERSIONS = ("3.13", "3.12", "3.14")
TRY = "import sqlite3, ssl, sys, venv; print('%d.%d' % sys.version_info[:2])"


def main():
    """Print the first interpreter that works."""
    for version in VERSIONS:
        for candidate in candidates(version):
            if answers(candidate, version):
                print(candidate)
                return
    sys.exit(1)


def candidates(version):
    """List the places where this version may be."""
    yield sys.executable
    yield shutil.which("python" + version)
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    yield from sorted(glob.glob(os.path.join(root, "versions", version + ".*", "bin", "python")))
    yield known_to_uv(version)


def known_to_uv(version):
    """Ask uv, where it is installed, for an interpreter that is on this machine already."""
    uv = shutil.which("uv")
    if not uv:
        return None
    command = [uv, "python", "find", "--no-python-downloads", "--system", version]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip() or None


def answers(python, version):
    """Tell whether an interpreter starts, is of the version, and has what the tests need."""
    try:
        answer = subprocess.run([python or "", "-c", TRY], capture_output=True, text=True)
    except OSError:
        return False
    return answer.stdout.strip() == version


if __name__ == "__main__":
    main()
