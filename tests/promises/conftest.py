"""Every test of a promise takes its dynamic tables and classes away again."""

from collections.abc import Iterator

import pytest

from dynschema.test import dynamic_tables_cleaned


@pytest.fixture(autouse=True)
def cleaned(request: pytest.FixtureRequest) -> Iterator[None]:
    """Clean up before the database is flushed or rolled back."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None:
        yield
        return
    request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
    with dynamic_tables_cleaned({"default"}):
        yield
