"""What is installed is what is here: no module, template or marker is left behind."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.settings import ROOT

SOURCES = ["pyproject.toml", "setup.cfg", "README.md", "LICENSE"]
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


@pytest.mark.slow
@pytest.mark.only("sqlite")
def test_a_wheel_has_every_file_of_the_package(tmp_path):
    copy = copied_to(tmp_path / "source")

    subprocess.run([sys.executable, "-c", BUILD, tmp_path], cwd=copy, check=True)

    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in ZipFile(wheel).namelist() if name.startswith("dynschema/")}
    assert packed == files_of(copy / "dynschema")


def copied_to(folder: Path) -> Path:
    """Copy what a build needs: it leaves things behind."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "dynschema", folder / "dynschema", ignore=ignored)
    for name in SOURCES:
        shutil.copy(ROOT / name, folder)
    return folder


def files_of(package: Path) -> set[str]:
    """Give the files of a package, as a wheel names them."""
    files = (path for path in package.rglob("*") if path.is_file())
    return {path.relative_to(package.parent).as_posix() for path in files}
