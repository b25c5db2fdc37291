import pytest

from dynschema.schema.operations import RetireTable
from tests.operations.life import (
    GUESTS,
    ROOM_KEY,
    ROOMS,
    carry_out,
    constraint_names,
    make,
    read,
    rows,
    run,
    undo,
)

pytestmark = pytest.mark.django_db

OPERATION = RetireTable("people", (ROOM_KEY,))


def test_a_retired_table_keeps_its_rows_and_blocks_no_deletion(database):
    make(ROOMS, [(1, "Blue")])
    make(GUESTS, [(1, "Ann", 1)])

    hazards = carry_out(OPERATION)

    run("DELETE FROM rooms")
    assert constraint_names() == set()
    assert rows() == [(1, "Ann", 1)]
    assert hazards == {"sqlite": ["REWRITE"], "postgresql": ["LOCKS_STATIC_TABLE"]}[database]


def test_undoing_it_restores_the_foreign_keys():
    make(ROOMS, [(1, "Blue")])
    make(GUESTS, [(1, "Ann", 1)])
    before = read()
    carry_out(OPERATION)

    undo(OPERATION)

    assert read() == before
    assert rows() == [(1, "Ann", 1)]


def test_it_says_what_it_does():
    assert OPERATION.describe() == ('Retire table "people"; its rows stay and can be restored.')
