"""Make a virtual environment with pip in it, also where Python came without ensurepip.

Debian and Ubuntu keep ensurepip in a package of its own. Where it is missing, pip is fetched
from PyPI and installs itself. Needs nothing but the standard library.

Usage: python3 tools/environment.py FOLDER
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import venv

OLDEST_PYTHON = (3, 11)
PIP_ON_PYPI = "https://pypi.org/pypi/pip/json"
TIMEOUT_SECONDS = 60
NO_PIP = (
    "{} came without ensurepip, and PyPI cannot be reached ({}). "
    "Install it (Debian, Ubuntu: apt install python3-venv), then try again."
)


def main(folder):
    """Make the environment in a folder, or leave a working one as it is."""
    check_python()
    python = os.path.join(folder, "bin", "python")
    if has_pip(python):
        return
    venv.create(folder, clear=True, symlinks=True)
    if not install_own_pip(python):
        install_pip_from_pypi(python)


def check_python():
    """Stop with a clear sentence when this Python is too old."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            "dynschema needs Python {0}.{1} or later, and {2} is {3}.{4}. "
            "Name another one: make PYTHON=/path/to/python3.{1}".format(
                *OLDEST_PYTHON, sys.executable, *sys.version_info[:2]
            )
        )


def has_pip(python):
    """Tell whether an environment is there, of this very Python, and has pip."""
    ask = "import pip, sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-c", ask], capture_output=True, text=True)
    except OSError:
        return False
    return answer.stdout.strip() == "{}.{}".format(*sys.version_info[:2])


def install_own_pip(python):
    """Install the pip that came with Python, and tell whether there was one."""
    command = [python, "-m", "ensurepip", "--default-pip"]
    return subprocess.run(command, capture_output=True).returncode == 0


def install_pip_from_pypi(python):
    """Install pip with a pip fetched from PyPI, which runs straight from its wheel."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            wheel = fetch_pip(folder)
        except OSError as error:
            sys.exit(NO_PIP.format(sys.executable, error))
        command = [python, os.path.join(wheel, "pip"), "install", "--quiet", "pip"]
        subprocess.run(command, check=True)


def fetch_pip(folder):
    """Download the newest pip wheel and compare it with the digest that PyPI gives."""
    with urllib.request.urlopen(PIP_ON_PYPI, timeout=TIMEOUT_SECONDS) as answer:
        release = json.load(answer)
    wheel = next(file for file in release["urls"] if file["packagetype"] == "bdist_wheel")
    # A mirror of PyPI may give an address relative to its own.
    url = urllib.parse.urljoin(PIP_ON_PYPI, wheel["url"])
    with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != wheel["digests"]["sha256"]:
        sys.exit("The pip that came from PyPI is not the one that it announced. Try again.")
    path = os.path.join(folder, wheel["filename"])
    with open(path, "wb") as file:
        file.write(content)
    return path


if __name__ == "__main__":
    main(sys.argv[1])
