import pytest

from dynschema.exceptions import MissingTargetsError
from dynschema.schema.operations import AddForeignKey
from dynschema.schema.spec import ConstraintSpec, Reference, TableSpec
from tests.operations.life import (
    ID,
    NAME,
    ROOM,
    ROOM_KEY,
    ROOMS,
    carry_out,
    constraint_names,
    make,
    read,
    rows,
    undo,
)

pytestmark = pytest.mark.django_db

GUESTS_WITHOUT_KEY = TableSpec("people", (ID, NAME, ROOM))
OPERATION = AddForeignKey("people", ROOM_KEY)


def test_a_foreign_key_is_added(database):
    make(ROOMS, [(1, "Blue")])
    make(GUESTS_WITHOUT_KEY, [(1, "Ann", 1), (2, "Bob", None)])

    hazards = carry_out(OPERATION)

    assert read().constraint("people_room_fk").references.table == "rooms"
    assert (
        hazards
        == {
            "sqlite": ["REWRITE"],
            "postgresql": ["SCAN", "LOCKS_STATIC_TABLE"],
        }[database]
    )


def test_values_that_refer_to_nothing_refuse_it():
    make(ROOMS, [(1, "Blue")])
    make(GUESTS_WITHOUT_KEY, [(1, "Ann", 1), (2, "Bob", 7), (3, "Eve", 8)])
    before = read()

    with pytest.raises(MissingTargetsError) as error:
        carry_out(OPERATION)

    assert str(error.value) == (
        '[dynschema.E204] The field "room_id" of table "people" cannot refer to "rooms": '
        '2 records refer to a row that is not there (record 2 "7", record 3 "8"). '
        "Clear or correct them first."
    )
    assert read() == before


def test_a_table_may_refer_to_itself():
    make(GUESTS_WITHOUT_KEY, [(1, "Ann", 2), (2, "Bob", 9)])
    itself = ConstraintSpec(
        "foreign_key", "people_host_fk", ("room_id",), references=Reference("people", ("id",))
    )

    with pytest.raises(MissingTargetsError) as error:
        carry_out(AddForeignKey("people", itself))

    assert error.value.examples == 'record 2 "9"'


def test_undoing_it_keeps_the_values():
    make(ROOMS, [(1, "Blue")])
    make(GUESTS_WITHOUT_KEY, [(1, "Ann", 1)])
    before = read()
    carry_out(OPERATION)

    undo(OPERATION)

    assert constraint_names() == set()
    assert read() == before
    assert rows() == [(1, "Ann", 1)]


def test_it_says_what_it_does():
    assert OPERATION.describe() == 'Add foreign key "people_room_fk" to table "people".'
