"""What every test may use. The database is chosen in database_option.py."""

import os
import signal

import pytest
from django.db import connection

from tests import variables
from tests.quick_flush import quick_flush
from tests.settings import EXAMPLE, ROOT

__all__ = ["quick_flush"]


def pytest_configure() -> None:
    """Hear Ctrl-C: a run in the background ignores it, and so would the processes of the tests."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that are marked for the other database only."""
    database = config.getoption("database")
    config.hook.pytest_deselected(items=[item for item in items if not runs_on(item, database)])
    items[:] = [item for item in items if runs_on(item, database)]


def runs_on(item: pytest.Item, database: str) -> bool:
    """Tell whether a test is meant for a database; `only("sqlite")` and the like say so."""
    marker = item.get_closest_marker("only")
    return marker is None or database in marker.args


@pytest.fixture
def database() -> str:
    """Give the word for the database of this run: sqlite or postgresql."""
    return os.environ[variables.DATABASE]


@pytest.fixture
def child_environment(transactional_db: None) -> dict[str, str]:
    """Give the environment with which another process works on the same test database."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT), EXAMPLE]),
        variables.NAME: connection.settings_dict["NAME"],
    }
