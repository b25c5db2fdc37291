"""Every test of the admin takes its dynamic tables away again."""

from collections.abc import Iterator

import pytest
from django.db import connection

from dynschema.models import Table


@pytest.fixture(autouse=True)
def cleaned(transactional_db: None) -> Iterator[None]:
    """Drop the dynamic tables before the history is flushed."""
    yield
    names = [connection.ops.quote_name(each.name) for each in Table.objects.all()]
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for name in names:
            cascade = " CASCADE" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TABLE IF EXISTS {name}{cascade}")


@pytest.fixture(params=[False, True], ids=["autocommit", "atomic-requests"])
def atomic_requests(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Run a test without and with a transaction around each request."""
    connection.settings_dict["ATOMIC_REQUESTS"] = request.param
    yield request.param
    connection.settings_dict["ATOMIC_REQUESTS"] = False
