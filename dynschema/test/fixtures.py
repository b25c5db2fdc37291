"""The pytest fixture: `pytest_plugins = ["dynschema.test.fixtures"]` in a `conftest.py`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections

from dynschema.test import dynamic_tables_cleaned


@pytest.fixture
def dynamic_tables(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let a test save definitions and leave no dynamic model and no dynamic table behind.

    Use it together with `transactional_db`, or with `db`, which it asks for itself.
    """
    if "transactional_db" not in request.fixturenames:
        request.getfixturevalue("db")
    with dynamic_tables_cleaned(set(connections)):
        yield
