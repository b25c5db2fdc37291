"""Partners that work on the same database, and tables that are taken away in the end."""

from collections.abc import Iterator

import pytest

from dynschema.test import dynamic_tables_cleaned
from tests.processes.partner import Partner, running


@pytest.fixture(autouse=True)
def cleaned(transactional_db: None) -> Iterator[None]:
    """Clean up before the database is flushed."""
    with dynamic_tables_cleaned({"default"}):
        yield


@pytest.fixture
def other(cleaned: None, child_environment: dict[str, str]) -> Iterator[Partner]:
    with running(child_environment) as partner:
        yield partner


@pytest.fixture
def third(cleaned: None, child_environment: dict[str, str]) -> Iterator[Partner]:
    with running(child_environment) as partner:
        yield partner
