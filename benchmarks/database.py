"""The database of a run: made for it, dropped after it."""

import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.db import connection

from tests import variables

DATABASES = ("sqlite", "postgresql")


@contextmanager
def own_database(database: str) -> Iterator[str]:
    """Set Django up on an empty database; give the versions of all that runs."""
    if database == "postgresql" and not os.environ.get(variables.URL):
        raise SystemExit(
            "--database=postgresql needs a server. Start one around this run: "
            "python -m tests.servers python -m benchmarks --database=postgresql, "
            f"or name one in {variables.URL}."
        )
    with tempfile.TemporaryDirectory(prefix="dynschema-benchmarks-") as folder:
        os.environ[variables.DATABASE] = database
        os.environ[variables.FOLDER] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
        django.setup()
        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield _software()
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)


def _software() -> str:
    number = ".".join(map(str, connection.get_database_version()))
    database = f"{connection.display_name} {number}"
    return f"{database}, Django {django.__version__}, Python {platform.python_version()}"
