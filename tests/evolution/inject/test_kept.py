"""The values of injected columns while Django makes a table of SQLite anew."""

import pytest
from django.db import connection

from dynschema.evolution.inject.kept import Kept

pytestmark = [pytest.mark.django_db, pytest.mark.only("sqlite")]


def test_a_row_is_found_by_all_columns_of_its_key_at_once():
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE seats (line integer, seat integer, nick text, PRIMARY KEY (line, seat))"
        )
        cursor.execute("INSERT INTO seats VALUES (1, 1, 'Janie'), (1, 2, 'Annie')")

        Kept.of(connection, "seats", {"nick"})

        cursor.execute('PRAGMA temp.index_info("dynschema kept key")')
        assert [name for *_, name in cursor.fetchall()] == ["dynschema key 0", "dynschema key 1"]
        cursor.execute('SELECT * FROM "dynschema kept"')
        assert cursor.fetchall() == [(1, 1, "Janie"), (1, 2, "Annie")]
