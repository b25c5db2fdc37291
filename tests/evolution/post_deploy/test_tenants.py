"""With django-tenants each schema has its own actions done, in processes of their own."""

import os
import re
import subprocess
import sys

import psycopg
import pytest

from tests import variables
from tests.settings import EXAMPLE, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.only("postgresql")]

NAME = f"dynschema_tenants_{os.getpid()}"
GREET = "tests.evolution.post_deploy.branches.post_deploy.greet"
COUNT = "tests.evolution.post_deploy.branches.post_deploy.count_guests"
FOUND = (
    "from tests.evolution.post_deploy.tenants.models import Tenant\n"
    "for name in ('public', 'north', 'south'):\n"
    "    Tenant(schema_name=name).save(verbosity=0)"
)


class Site:
    """A database with a schema for each tenant, and the processes that work on it."""

    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.evolution.post_deploy.tenants.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT), EXAMPLE]),
        variables.NAME: NAME,
    }

    def do(self, *arguments, **environment):
        done = subprocess.run(
            [sys.executable, "-m", "django", *arguments],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
        )
        self.errors = done.stderr
        return done.stdout, done.returncode

    def notes(self, schema):
        url = os.environ[variables.URL]
        with psycopg.connect(url, dbname=NAME) as connection:
            rows = connection.execute(f"SELECT text FROM {schema}.branches_note ORDER BY id")
            return [text for (text,) in rows]


@pytest.fixture
def site():
    with psycopg.connect(os.environ[variables.URL], autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME}")
        server.execute(f"CREATE DATABASE {NAME}")
        try:
            site = Site()
            migrated = site.do("migrate_schemas", "--shared", "--verbosity=0")
            assert (migrated[1], site.errors) == (0, "")
            founded = site.do("shell", "--verbosity=0", "--command", FOUND)
            assert (founded[1], site.errors) == (0, "")
            yield site
        finally:
            server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def without_times(printed):
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "TIME", printed)


def test_each_tenant_has_its_own_actions_and_records(site):
    nothing = site.do("tenant_command", "deploy", "--report", "--schema=public")
    north = site.do("tenant_command", "deploy", "--auto", "--schema=north")
    of_north = site.do("tenant_command", "deploy", "--report", "--schema=north")
    of_south = site.do("deploy", "--report", "--schema=south")
    everywhere = site.do("all_tenants_command", "deploy", "--all")

    assert nothing == ("No actions have run.\n", 0)
    assert north == (f"Scheduled {GREET}\nCompleted {GREET}\n", 0)
    assert without_times(of_north[0]) == f"* {GREET} (✅ completed-success TIME)\n"
    assert of_south == ("No actions have run.\n", 0)
    greeted = f"Scheduled {GREET}\nCompleted {GREET}\n"
    counted = f"Scheduled {COUNT}\nCompleted {COUNT}\n"
    assert everywhere == (
        (
            f"Applying command to: public\n{greeted}{counted}"
            f"Applying command to: north\n{counted}"
            f"Applying command to: south\n{greeted}{counted}"
        ),
        0,
    )
    assert site.notes("public") == ["hello, everybody", "no guests"]
    assert site.notes("north") == ["hello, north", "no guests"]
    assert site.notes("south") == ["hello, south", "no guests"]


def test_a_worker_is_told_the_schema(site):
    sent = site.do(
        "tenant_command", "deploy", "--all", "--schema=north", TEST_ENGINE="django_tasks"
    )
    before = site.notes("north")
    worker = ["db_worker", "--batch", "--no-startup-delay", "--verbosity=0"]
    site.do(*worker, TEST_ENGINE="django_tasks")
    report = site.do("tenant_command", "deploy", "--status", "--schema=north")

    assert sent == (f"Scheduled {GREET}\nScheduled {COUNT}\n", 0)
    assert before == []
    assert site.notes("north") == ["hello, north", "no guests"]
    assert site.notes("public") == site.notes("south") == []
    assert report[0].count("completed-success") == 2


def test_a_schema_that_is_not_there_is_no_other_schema(site):
    printed = site.do("deploy", "--all", "--schema=west")

    assert printed == ("", 1)
    assert site.errors == (
        'CommandError: [dynschema.E521] There is no schema "west", so nothing was executed in it. '
        "Name another one, or create the tenant.\n"
    )
    assert site.notes("public") == []
