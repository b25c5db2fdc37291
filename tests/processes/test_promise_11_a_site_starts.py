"""Promise 11: commands and starts raise nothing and warn nothing, whatever the database has."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import variables
from tests.example.test_demo import server_with_database
from tests.settings import EXAMPLE, ROOT

pytestmark = pytest.mark.slow

NAME = "surveymaker_start"
SERVE = """
from django.core.wsgi import get_wsgi_application
get_wsgi_application()
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
print(Client(SERVER_NAME="localhost").get("/").status_code)
"""
SERVE_IN_EVENT_LOOP = """
import asyncio

async def serve():
    from django.core.asgi import get_asgi_application
    get_asgi_application()
    from asgiref.sync import sync_to_async
    from django.conf import settings
    from django.db import connections
    from django.test import AsyncClient
    from dynschema import freshness
    settings.ALLOWED_HOSTS = ["testserver"]
    before = len(freshness.registry.snapshot.models)
    answer = await AsyncClient().get("/")
    print(before, answer.status_code, len(freshness.registry.snapshot.models))
    await sync_to_async(connections.close_all)()

asyncio.run(serve())
"""
DEFINE = """
import django
django.setup()
from surveymaker.models import Survey
lunch = Survey.objects.create(title="Lunch", slug="lunch")
lunch.questions.create(slug="age", kind="integer")
lunch.Response.objects.create(age=3)
"""
READ = """
import django
django.setup()
from django.apps import apps
from surveymaker.models import Responses
print([model.__name__ for model in apps.get_app_config("surveymaker").get_models()])
print([model.objects.get().age for model in Responses.models()])
"""

LAZY = """
import sys
import dynschema
dynschema.when_classes_prepared = lambda *arguments: None  # Nobody asks for a class at the start.
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""

FIND_PAGES = """
import sys
import dynschema
dynschema.when_classes_prepared = lambda *arguments: None  # Nobody asks for a class at the start.
import django
django.setup()
from django.urls import reverse
print(*(reverse(f"admin:{name}") for name in sys.argv[1:]))
"""

LOADED_BY_READERS = """
import sys, django
from surveymaker import settings
settings.INSTALLED_APPS.remove("django.contrib.admin")
settings.INSTALLED_APPS.append("dynschema.evolution")
django.setup()
from surveymaker.models import Responses
print([model.objects.get().age for model in Responses.models()])
print(sorted({"croniter", "dynschema.sync", "dynschema.schema.operations"} & sys.modules.keys()))
"""

TEST_DATABASE = """
import django
from surveymaker import settings
settings.MIGRATION_MODULES = {migrations}
django.setup()
from django.test.runner import DiscoverRunner
from surveymaker.models import Responses, Survey
print([model.objects.count() for model in Responses.models()])
runner = DiscoverRunner(verbosity=0, interactive=False)
databases = runner.setup_databases(serialized_aliases={{"default"}})
print(Responses.models())
lunch = Survey.objects.create(title="Lunch", slug="lunch")
print(lunch.Response.objects.count())
runner.teardown_databases(databases)
"""


@pytest.fixture
def empty(database: str, tmp_path: Path) -> Iterator[str]:
    """Give the address of a database without any table."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path}/site.sqlite3"
        return
    server = os.environ[variables.URL]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {NAME}")
        connection.execute(f"CREATE DATABASE {NAME}")
        yield server_with_database(server, NAME)
        connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest.fixture
def down(database: str, tmp_path: Path) -> str:
    """Give the address of a database that cannot be reached."""
    if database == "sqlite":
        return f"sqlite:///{tmp_path}/no-such-folder/site.sqlite3"
    return f"postgresql://nobody@/nothing?host={tmp_path}"


def run(url: str, *arguments: str) -> str:
    """Run Python in the example, see that it complains of nothing, and give what it prints."""
    done = process(url, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(url: str, *arguments: str) -> str:
    """Run Python in the example, see that it fails and prints nothing, and give its complaint."""
    done = process(url, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def process(
    url: str, *arguments: str, settings: str = "surveymaker.settings"
) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": settings,
        "DATABASE_URL": url,
        "PYTHONPATH": os.pathsep.join([str(ROOT), EXAMPLE]),
    }
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(command, cwd=EXAMPLE, env=environment, capture_output=True, text=True)


def manage(url: str, *arguments: str) -> str:
    return run(url, "manage.py", *arguments)


def test_migrate_on_an_empty_database_is_quiet_and_can_be_repeated(empty):
    assert "Applying surveymaker.0001_initial... OK" in manage(empty, "migrate")
    assert "No migrations to apply." in manage(empty, "migrate")


@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["makemigrations", "--check", "--dry-run"],
        ["showmigrations", "--plan"],
        ["help"],
        ["diffsettings"],
    ],
    ids=lambda command: command[0],
)
def test_commands_are_quiet_on_an_empty_database(empty, command):
    manage(empty, *command)


def test_static_files_are_collected_without_any_database(down, tmp_path):
    settings = tmp_path / "collecting.py"
    settings.write_text(f"from surveymaker.settings import *\nSTATIC_ROOT = {str(tmp_path)!r}\n")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from django.core.management import execute_from_command_line\n"
        "execute_from_command_line(['manage.py', 'collectstatic', '--noinput', "
        "'--settings=collecting'])"
    )

    assert "static files copied" in run(down, "-c", code)


@pytest.mark.parametrize("command", [["check"], ["help"]], ids=lambda command: command[0])
def test_commands_are_quiet_while_the_database_is_down(down, command):
    manage(down, *command)


def test_a_site_starts_while_the_database_is_down(down):
    code = "import django; django.setup(); import surveymaker.urls, surveymaker.admin; print('up')"

    assert run(down, "-c", code) == "up\n"


def test_pages_are_found_while_the_database_is_down_or_empty(down, empty):
    assert run(down, "-c", FIND_PAGES, "index") == "/admin/\n"
    assert run(empty, "-c", FIND_PAGES, "index") == "/admin/\n"


def test_a_process_that_builds_no_class_at_its_start_finds_the_pages_of_records(empty):
    manage(empty, "migrate", "-v0")
    run(empty, "-c", DEFINE)

    found = run(empty, "-c", FIND_PAGES, "index", "surveymaker_lunchresponse_changelist")

    assert found == "/admin/ /admin/surveymaker/survey/_records/lunchresponse/\n"


def test_a_server_that_starts_before_migrate_answers_after_it(empty):
    assert run(empty, "-c", SERVE) == "200\n"


def test_a_site_that_is_loaded_in_an_event_loop_has_its_models_with_the_first_request(empty):
    manage(empty, "migrate", "-v0")
    run(empty, "-c", DEFINE)

    assert run(empty, "-c", SERVE_IN_EVENT_LOOP) == "0 200 1\n"


@pytest.mark.only("sqlite")
def test_a_database_named_by_a_uri_is_found_when_a_process_starts(empty):
    manage(empty, "migrate", "-v0")
    run(empty, "-c", DEFINE)
    uri = empty.replace("sqlite:///", "sqlite:///file:")
    started = (
        "import django; django.setup()\n"
        "from dynschema import freshness\n"
        "print(len(freshness.registry.snapshot.models))"
    )

    assert run(f"{uri}%3Fmode=rw", "-c", started) == "1\n"


def test_a_new_process_has_its_models_and_makes_no_migrations_for_them(empty):
    manage(empty, "migrate", "-v0")
    run(empty, "-c", DEFINE)

    assert run(empty, "-c", READ) == "['Survey', 'Question', 'LunchResponse']\n[3]\n"
    assert "No changes detected" in manage(empty, "makemigrations", "--check", "--dry-run")
    assert manage(empty, "check") == "System check identified no issues (0 silenced).\n"
    assert "No migrations to apply." in manage(empty, "migrate")
    manage(empty, "remove_stale_contenttypes", "--noinput", "--include-stale-apps")
    assert run(empty, "-c", READ).endswith("[3]\n")


def test_a_worker_that_only_reads_records_does_not_load_what_changes_tables(empty):
    manage(empty, "migrate", "-v0")
    run(empty, "-c", DEFINE)

    assert run(empty, "-c", LOADED_BY_READERS) == "[3]\n[]\n"


@pytest.mark.parametrize(
    "migrations",
    [{}, dict.fromkeys(["dynschema", "surveymaker", "auth", "contenttypes", "sessions", "admin"])],
    ids=["migrated", "without migrations"],
)
def test_the_test_database_of_a_project_has_none_of_the_surveys_of_its_own(empty, migrations):
    manage(empty, "migrate", "-v0")
    run(empty, "-c", DEFINE)

    said = run(empty, "-c", TEST_DATABASE.format(migrations=migrations))

    assert said == "[1]\n[]\n0\n"


@pytest.mark.parametrize("migrated", [[], ["dynschema"]], ids=["nothing", "dynschema alone"])
@pytest.mark.parametrize("command", ["plan", "sync"])
def test_a_command_before_migrate_says_what_to_do(empty, migrated, command):
    for app in migrated:
        manage(empty, "migrate", app, "-v0")

    said = refused(empty, "manage.py", "dynschema", command)

    assert said == (
        'CommandError: [dynschema.E304] The database "default" lacks tables or columns of '
        "dynschema or of the definitions. Run `manage.py migrate`.\n"
    )


def test_a_site_that_was_flushed_starts_anew(empty):
    manage(empty, "migrate", "-v0")
    run(empty, "-c", DEFINE)

    manage(empty, "flush", "--noinput")

    assert run(empty, "-c", READ) == "['Survey', 'Question']\n[]\n"
    run(empty, "-c", DEFINE)
    assert run(empty, "-c", READ).endswith("[3]\n")


def test_a_site_that_builds_no_class_at_its_start_is_dumped_and_flushed_whole(empty):
    manage(empty, "migrate", "-v0")
    run(empty, "-c", DEFINE)

    dumped = json.loads(run(empty, "-c", LAZY, "dumpdata", "surveymaker"))
    assert [each["model"] for each in dumped] == [
        "surveymaker.survey",
        "surveymaker.question",
        "surveymaker.lunchresponse",
    ]
    assert dumped[-1]["fields"]["age"] == 3

    run(empty, "-c", LAZY, "flush", "--noinput")
    assert run(empty, "-c", READ) == "['Survey', 'Question']\n[]\n"
    run(empty, "-c", DEFINE)
    assert run(empty, "-c", READ).endswith("[3]\n")


@pytest.mark.parametrize(
    "command",
    [["check", "surveymaker"], ["dumpdata", "contenttypes"]],
    ids=lambda command: command[0],
)
def test_commands_that_build_no_class_stay_quiet_on_an_empty_database(empty, command):
    manage(empty, "migrate", "-v0", "contenttypes")

    run(empty, "-c", LAZY, *command)


@pytest.mark.parametrize(
    "what",
    [["surveymaker"], ["--natural-primary", "-econtenttypes", "-eauth.permission"]],
    ids=["the app", "everything"],
)
def test_records_can_be_dumped_and_loaded_into_another_database(empty, tmp_path, what):
    manage(empty, "migrate", "-v0")
    run(empty, "-c", DEFINE)
    file = tmp_path / "all.json"

    file.write_text(manage(empty, "dumpdata", "--natural-foreign", *what))
    manage(empty, "flush", "--noinput")
    manage(empty, "loaddata", str(file))

    assert run(empty, "-c", READ).endswith("[3]\n")
