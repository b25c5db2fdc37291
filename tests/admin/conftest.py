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
