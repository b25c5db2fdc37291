import pytest

from dynschema.exceptions import MissingTargetsError
from dynschema.schema.operations import RestoreTable, RetireTable
from tests.operations.life import (
    GUESTS,
    ROOM_KEY,
    ROOMS,
    carry_out,
    constraint_names,
    make,
    rows,
    run,
    undo,
)

pytestmark = pytest.mark.django_db

OPERATION = RestoreTable("people", (ROOM_KEY,))


def test_a_table_comes_back_with_its_rows_and_foreign_keys(database):
    make(ROOMS, [(1, "Blue")])
    make(GUESTS, [(1, "Ann", 1)])
    carry_out(RetireTable("people", (ROOM_KEY,)))

    hazards = carry_out(OPERATION)

    assert constraint_names() == {"people_room_fk"}
    assert rows() == [(1, "Ann", 1)]
    assert (
        hazards
        == {
            "sqlite": ["REWRITE"],
            "postgresql": ["SCAN", "LOCKS_STATIC_TABLE"],
        }[database]
    )


def test_a_reference_to_a_row_deleted_meanwhile_refuses_it():
    make(ROOMS, [(1, "Blue")])
    make(GUESTS, [(1, "Ann", 1)])
    carry_out(RetireTable("people", (ROOM_KEY,)))
    run("DELETE FROM rooms")

    with pytest.raises(MissingTargetsError) as error:
        carry_out(OPERATION)

    assert str(error.value) == (
        '[dynschema.E204] The field "room_id" of table "people" cannot refer to "rooms": '
        '1 record refers to a row that is not there (record 1 "1"). '
        "Clear or correct them first."
    )
    assert constraint_names() == set()


def test_undoing_it_retires_the_table():
    make(ROOMS)
    make(GUESTS)
    carry_out(RetireTable("people", (ROOM_KEY,)), OPERATION)

    undo(OPERATION)

    assert constraint_names() == set()


def test_it_says_what_it_does():
    assert OPERATION.describe() == 'Restore table "people" with the rows that it kept.'
