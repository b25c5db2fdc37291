"""The pytest option that says on which database this run of the suite works.

A plugin and not part of conftest.py, since the settings are read before any conftest.
"""

import os
import tempfile
from collections.abc import Iterator

import pytest

from tests.settings import DATABASE_VARIABLE, FOLDER_VARIABLE, URL_VARIABLE

DATABASES = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption(
        "--database",
        choices=DATABASES,
        default=os.environ.get(DATABASE_VARIABLE, "sqlite"),
        help=f"the database to run on; postgresql is found through {URL_VARIABLE}",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Tell the settings, this process's and its children's, before they are read."""
    database = early_config.known_args_namespace.database
    if database == "postgresql" and not os.environ.get(URL_VARIABLE):
        raise pytest.UsageError(
            f"--database=postgresql needs a server. Start one around this run: "
            f"python -m tests.servers python -m pytest --database=postgresql, "
            f"or name one in {URL_VARIABLE}."
        )
    folder = tempfile.TemporaryDirectory(prefix="dynschema-tests-")
    early_config.add_cleanup(folder.cleanup)
    os.environ[DATABASE_VARIABLE] = database
    os.environ[FOLDER_VARIABLE] = folder.name
    return (yield)
