from dataclasses import replace

import pytest

from dynschema.exceptions import RequiredWithoutDefaultError, ViolatedConstraintError
from dynschema.schema.operations import AddField
from dynschema.schema.spec import ConstraintSpec, FieldSpec
from tests.operations.life import (
    ANN_AND_BOB,
    PEOPLE,
    ROOM,
    ROOM_KEY,
    ROOMS,
    carry_out,
    constraint_names,
    field,
    make,
    read,
    rows,
    run,
    undo,
)

pytestmark = pytest.mark.django_db

CITY = FieldSpec("city", "varchar(20)", key="question:9")
REQUIRED_CITY = replace(CITY, null=False)
ADULT = ConstraintSpec("check", "people_size_check", ("size",), 'CHECK ("size" >= 0)')


def test_an_optional_field_is_empty_in_the_rows_there():
    make(PEOPLE, ANN_AND_BOB)

    hazards = carry_out(AddField("people", CITY))

    assert field("city").null
    assert rows() == [(1, "Ann", 40, None), (2, "Bob", 50, None)]
    assert hazards == []


def test_a_required_field_is_filled_in_the_rows_there(database):
    make(PEOPLE, ANN_AND_BOB)

    hazards = carry_out(AddField("people", replace(REQUIRED_CITY, fill="'Bern'")))

    assert not field("city").null
    assert field("city").default is None
    assert rows() == [(1, "Ann", 40, "Bern"), (2, "Bob", 50, "Bern")]
    assert (
        hazards
        == {
            "sqlite": ["REWRITE", "BREAKS_STALE"],
            "postgresql": ["BREAKS_STALE"],
        }[database]
    )


def test_a_constant_default_stays_so_that_stale_writers_can_insert():
    make(PEOPLE, ANN_AND_BOB)

    hazards = carry_out(AddField("people", replace(REQUIRED_CITY, fill="'Bern'", keep_fill=True)))

    run("INSERT INTO people (id, name, age) VALUES (3, 'Eve', 60)")
    assert rows()[-1] == (3, "Eve", 60, "Bern")
    assert hazards == []


def test_a_required_field_without_a_default_is_refused_where_there_are_rows():
    make(PEOPLE, ANN_AND_BOB)
    before = read()

    with pytest.raises(RequiredWithoutDefaultError) as error:
        carry_out(AddField("people", REQUIRED_CITY))

    assert str(error.value) == (
        '[dynschema.E201] The required field "city" cannot be added to table "people": '
        "the 2 records there would have no value. Give the field a default, make it optional, "
        "or fill it in later and then require it."
    )
    assert error.value.key == "question:9"
    assert read() == before


def test_a_required_field_without_a_default_is_added_to_an_empty_table():
    make(PEOPLE)

    carry_out(AddField("people", REQUIRED_CITY))

    assert not field("city").null


def test_a_collation_is_no_value():
    make(PEOPLE, ANN_AND_BOB)
    collated = replace(REQUIRED_CITY, extra='COLLATE "C"')

    with pytest.raises(RequiredWithoutDefaultError):
        carry_out(AddField("people", collated))


def test_a_foreign_key_comes_with_its_field(database):
    make(ROOMS)
    make(PEOPLE, ANN_AND_BOB)

    hazards = carry_out(AddField("people", ROOM, (ROOM_KEY,)))

    assert constraint_names() == {"people_room_fk"}
    assert hazards == {"sqlite": [], "postgresql": ["LOCKS_STATIC_TABLE"]}[database]


def test_a_default_that_breaks_the_check_of_its_field_is_refused():
    make(PEOPLE, ANN_AND_BOB)
    size = FieldSpec("size", "integer", null=False, fill="-1")

    with pytest.raises(ViolatedConstraintError) as error:
        carry_out(AddField("people", size, (ADULT,)))

    assert str(error.value) == (
        '[dynschema.E206] The constraint "people_size_check" cannot be added to table "people": '
        '2 records break it (record 1 "-1", record 2 "-1"). Correct them first.'
    )


def test_undoing_it_retires_the_field_and_keeps_what_was_entered():
    make(PEOPLE, ANN_AND_BOB)
    operation = AddField("people", replace(REQUIRED_CITY, fill="'Bern'"))
    carry_out(operation)

    undo(operation)

    assert field("city").null
    assert rows() == [(1, "Ann", 40, "Bern"), (2, "Bob", 50, "Bern")]


def test_it_says_what_it_does():
    assert AddField("people", CITY).describe() == (
        'Add field "city" (varchar(20)) to table "people".'
    )
    assert AddField("people", REQUIRED_CITY).describe() == (
        'Add required field "city" (varchar(20)) to table "people".'
    )
