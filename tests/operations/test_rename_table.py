import pytest

from dynschema.schema.operations import RenameTable
from tests.operations.life import (
    ANN_AND_BOB,
    GUESTS,
    PEOPLE,
    ROOMS,
    carry_out,
    make,
    read,
    rows,
    undo,
)

pytestmark = pytest.mark.django_db

OPERATION = RenameTable("people", "guests")


def test_a_table_gets_another_name_and_keeps_its_rows():
    make(PEOPLE, ANN_AND_BOB)

    hazards = carry_out(OPERATION)

    assert read() is None
    assert rows("guests") == ANN_AND_BOB
    assert hazards == ["BREAKS_STALE"]


def test_the_foreign_keys_of_others_follow():
    make(ROOMS, [(1, "Blue")])
    make(GUESTS, [(1, "Ann", 1)])

    carry_out(RenameTable("rooms", "halls"))

    assert read().constraint("people_room_fk").references.table == "halls"


def test_undoing_it_gives_the_old_name_back():
    make(PEOPLE, ANN_AND_BOB)
    before = read()
    carry_out(OPERATION)

    undo(OPERATION)

    assert read() == before
    assert rows() == ANN_AND_BOB


def test_it_says_what_it_does():
    assert OPERATION.describe() == 'Rename table "people" to "guests"; its rows stay.'
