"""The pytest fixture: `pytest_plugins = ["dynschema.test.fixtures"]` in a `conftest.py`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import DEFAULT_DB_ALIAS, connections

from dynschema.test import dynamic_tables_cleaned


@pytest.fixture
def dynamic_tables(request: pytest.FixtureRequest, db: None) -> Iterator[None]:
    """Let a test save definitions and leave no dynamic model and no dynamic table behind.

    It brings `db` along; a test that needs real commits asks for `transactional_db` as well.
    """
    # `db` is a parameter, since pytest-django makes a test database only if it sees somebody ask.
    with dynamic_tables_cleaned(_databases(request)):
        yield


def _databases(request: pytest.FixtureRequest) -> set[str]:
    """Return the aliases that the test may use."""
    marker = request.node.get_closest_marker("django_db")
    chosen = marker.kwargs.get("databases") if marker else None
    return set(connections) if chosen == "__all__" else {*(chosen or [DEFAULT_DB_ALIAS])}
