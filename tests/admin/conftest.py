"""Tables that are taken away in the end, requests in transactions, and another process."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection

from dynschema.test import dynamic_tables_cleaned
from tests.processes.partner import Partner, running


@pytest.fixture(autouse=True)
def cleaned(transactional_db: None) -> Iterator[None]:
    """Clean up before the database is flushed."""
    with dynamic_tables_cleaned({"default"}):
        yield


@pytest.fixture
def other(cleaned: None, admin_user: User, child_environment: dict[str, str]) -> Iterator[Partner]:
    with running(child_environment) as partner:
        yield partner


@pytest.fixture(params=[False, True], ids=["autocommit", "atomic-requests"])
def atomic_requests(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Run a test without and with a transaction around each request."""
    connection.settings_dict["ATOMIC_REQUESTS"] = request.param
    yield request.param
    connection.settings_dict["ATOMIC_REQUESTS"] = False
