import pytest

from dynschema.schema.operations import RemoveForeignKey
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

OPERATION = RemoveForeignKey("people", ROOM_KEY)


def test_a_column_may_hold_what_no_table_has(database):
    make(ROOMS, [(1, "Blue")])
    make(GUESTS, [(1, "Ann", 1)])

    hazards = carry_out(OPERATION)

    run("DELETE FROM rooms")
    assert constraint_names() == set()
    assert rows() == [(1, "Ann", 1)]
    assert hazards == {"sqlite": ["REWRITE"], "postgresql": ["LOCKS_STATIC_TABLE"]}[database]


def test_undoing_it_brings_the_foreign_key_back():
    make(ROOMS, [(1, "Blue")])
    make(GUESTS, [(1, "Ann", 1)])
    before = read()
    carry_out(OPERATION)

    undo(OPERATION)

    assert read() == before


def test_it_says_what_it_does():
    assert OPERATION.describe() == (
        'Remove foreign key "people_room_fk" from table "people"; its values stay.'
    )
