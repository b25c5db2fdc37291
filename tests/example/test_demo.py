"""The demo tells its story on the database that DATABASE_URL names, as often as one likes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from itertools import takewhile
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest

from tests import variables
from tests.settings import EXAMPLE, ROOT

HEADINGS = [
    "1. A survey is defined, and its table appears in the same transaction",
    "2. Answers come in: survey.Response is a Django model, LunchResponse",
    "3. A question is added",
    '4. The question "guests" is renamed to "people": the values stay',
    '5. The question "dish" is deleted: its column is retired, not dropped',
    "6. The same question is asked again, now optional: its old answers are back",
]
LAST_TABLE = """
   id  name    dish   people  vegan
   --  ------  -----  ------  -----
   1   Ada     Soup   2       -
   2   Linus   Curry  -       -
   3   Grace   Soup   1       -
   4   Alan    Salad  -       True
   5   Edsger  -      0       False
"""
MOST_LINES = 120
DEMO = [sys.executable, "-W", "error", "manage.py", "demo"]


@pytest.fixture
def database_url(database: str, tmp_path: Path) -> Iterator[str]:
    """Give the address of an empty database that is removed afterwards."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path}/story.sqlite3"
        return
    server = os.environ[variables.URL]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS surveymaker_story")
        connection.execute("CREATE DATABASE surveymaker_story")
        yield server_with_database(server, "surveymaker_story")
        connection.execute("DROP DATABASE surveymaker_story WITH (FORCE)")


def server_with_database(url: str, name: str) -> str:
    address, _, query = url.partition("?")
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/{name}?{query}".rstrip("?")


def run_demo(database_url: str) -> subprocess.CompletedProcess:
    options = demo_options(database_url, DEMO_SERVE="0")
    return subprocess.run(DEMO, stderr=subprocess.PIPE, **options)


def demo_options(database_url: str, **more: str) -> dict:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "surveymaker.settings",
        "DATABASE_URL": database_url,
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUNBUFFERED": "1",
        **more,
    }
    return {"cwd": EXAMPLE, "env": environment, "stdout": subprocess.PIPE, "text": True}


@contextmanager
def served_site(database_url: str) -> Iterator[list[str]]:
    """Run the demo as long as the block; give the lines up to that where the server listens."""
    with subprocess.Popen(DEMO, **demo_options(database_url)) as process:
        try:
            lines = iter(process.stdout.readline, "")
            yield [*takewhile(lambda line: "Quit the server" not in line, lines)]
        finally:
            process.terminate()


@pytest.mark.slow
def test_the_story_is_told_to_its_end(database_url):
    done = run_demo(database_url)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line for line in lines if line[:2] in {f"{n}." for n in range(1, 10)}] == HEADINGS
    assert "[dynschema.E201]" in done.stdout
    assert "sql> CREATE TABLE" in done.stdout
    assert done.stdout.endswith(LAST_TABLE)
    assert len(lines) < MOST_LINES


@pytest.mark.slow
def test_the_story_can_be_told_again_on_the_same_database(database_url):
    run_demo(database_url)

    done = run_demo(database_url)

    assert (done.returncode, done.stderr) == (0, "")
    assert "survey.Response is a Django model, Lunch2Response" in done.stdout
    assert done.stdout.endswith(LAST_TABLE)


@pytest.mark.slow
def test_a_database_that_cannot_be_reached_is_named(tmp_path):
    done = run_demo(f"postgresql://ann@/lunch?host={tmp_path}")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("CommandError: PostgreSQL, lunch: ")
    assert done.stderr.endswith("Is DATABASE_URL right?\n")


@pytest.mark.slow
def test_after_the_story_the_site_is_served_at_the_printed_address(database_url):
    with served_site(database_url) as lines:
        site = next(line for line in lines if "Answer it:" in line).split()[-1]
        first_page = urlopen(site).read().decode()
        admin = urlopen(f"{site}admin/")

    assert "(login demo, password demo)" in "".join(lines)
    assert '<a href="/surveys/lunch/">Team lunch</a>' in first_page
    assert admin.status == HTTPStatus.OK
