"""What is installed is what is here: no module, template or marker is left behind."""

import shutil
import subprocess
import sys
import tarfile
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.settings import ROOT

FILES = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "MANIFEST.in",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "pyproject.toml",
    "setup.cfg",
]
FOLDERS = [".ci", "benchmarks", "docs", "dynschema", "examples", "tests", "tools"]
MADE_HERE = ["__pycache__", "*.sqlite3", "*.sqlite3-*"]
BUILD = "import sys; from setuptools import build_meta; build_meta.build_{}(sys.argv[1])"

pytestmark = [pytest.mark.slow, pytest.mark.only("sqlite")]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of what a build needs: it leaves things behind."""
    folder = tmp_path_factory.mktemp("package") / "source"
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*MADE_HERE))
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    return folder


def test_a_wheel_has_every_file_of_the_package(source, tmp_path):
    printed = build("wheel", source, tmp_path)

    with ZipFile(only(tmp_path, "*.whl")) as wheel:
        names = wheel.namelist()
        (about,) = (Parser().parsestr(wheel.read(each).decode()) for each in metadata(names))
    packed = {name for name in names if name.startswith("dynschema/")}
    assert packed == {name for name in files_of(source) if name.startswith("dynschema/")}
    assert (about["License-Expression"], about["License"]) == ("BSD-3-Clause", None)
    assert "would be ignored" not in printed
    assert "Deprecat" not in printed


def test_a_source_archive_has_every_file_of_the_checkout(source, tmp_path):
    expected = files_of(source)

    build("sdist", source, tmp_path)

    with tarfile.open(only(tmp_path, "*.tar.gz")) as archive:
        files = [each.name.partition("/")[2] for each in archive.getmembers() if each.isfile()]
    assert {name for name in files if not name.startswith("dynschema.egg-info/")} == {
        *expected,
        "PKG-INFO",
    }


def build(sort: str, source: Path, folder: Path) -> str:
    """Build a wheel or an sdist, and give what was printed meanwhile."""
    command = [sys.executable, "-c", BUILD.format(sort), folder]
    done = subprocess.run(
        command, cwd=source, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.stdout


def only(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


def metadata(names: list[str]) -> list[str]:
    return [name for name in names if name.endswith(".dist-info/METADATA")]


def files_of(source: Path) -> set[str]:
    """Give the files of a checkout, as archives name them, without what builds leave there."""
    files = (path for path in source.rglob("*") if path.is_file())
    names = {path.relative_to(source).as_posix() for path in files}
    return {name for name in names if not name.startswith(("build/", "dynschema.egg-info/"))}
