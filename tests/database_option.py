"""The pytest option that says on which database this run of the suite works.

A plugin and not part of conftest.py, since the settings are read before any conftest.
"""

import os
import tempfile
from collections.abc import Iterator

import pytest

from tests import variables

DATABASES = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption(
        "--database",
        choices=DATABASES,
        default=os.environ.get(variables.DATABASE, "sqlite"),
        help=f"the database to run on; postgresql is found through {variables.URL}",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Tell the settings, this process's and its children's, before they are read."""
    database = early_config.known_args_namespace.database
    if database == "postgresql" and not os.environ.get(variables.URL):
        raise pytest.UsageError(
            f"--database=postgresql needs a server. Start one around this run: "
            f"python -m tests.servers python -m pytest --database=postgresql, "
            f"or name one in {variables.URL}."
        )
    folder = tempfile.TemporaryDirectory(prefix="dynschema-tests-")
    early_config.add_cleanup(folder.cleanup)
    os.environ[variables.DATABASE] = database
    os.environ[variables.FOLDER] = folder.name
    return (yield)
