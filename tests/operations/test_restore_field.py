from dataclasses import replace

import pytest

from dynschema.exceptions import DuplicateValuesError, EmptyValuesError, MissingTargetsError
from dynschema.schema.operations import RestoreField
from dynschema.schema.spec import ConstraintSpec, TableSpec
from tests.operations.life import (
    AGE,
    ID,
    NAME,
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
    undo,
)

pytestmark = pytest.mark.django_db

REQUIRED = replace(AGE, null=False)
UNIQUE = ConstraintSpec("unique", "people_age_uniq", ("age",), 'UNIQUE ("age")', unique=True)
WITH_A_GAP = [(1, "Ann", 40), (2, "Bob", None)]


def test_a_field_comes_back_with_its_values(database):
    make(PEOPLE, WITH_A_GAP)

    hazards = carry_out(RestoreField("people", AGE, (UNIQUE,)))

    assert rows() == WITH_A_GAP
    assert constraint_names() == {"people_age_uniq"}
    assert hazards == {"sqlite": ["REWRITE"], "postgresql": ["INDEX_BUILD"]}[database]


def test_a_required_field_fills_the_rows_written_meanwhile(database):
    make(PEOPLE, WITH_A_GAP)

    hazards = carry_out(RestoreField("people", replace(REQUIRED, fill="18", default="21")))

    assert rows() == [(1, "Ann", 40), (2, "Bob", 18)]
    assert (field("age").null, field("age").default) == (False, "21")
    assert hazards == {"sqlite": ["REWRITE"], "postgresql": ["SCAN"]}[database]


def test_a_required_field_fills_them_with_the_default_of_the_database():
    make(PEOPLE, WITH_A_GAP)

    carry_out(RestoreField("people", replace(REQUIRED, default="21")))

    assert rows() == [(1, "Ann", 40), (2, "Bob", 21)]
    assert (field("age").null, field("age").default) == (False, "21")


def test_a_required_field_without_a_default_is_refused_where_values_are_missing():
    make(PEOPLE, WITH_A_GAP)
    before = read()

    with pytest.raises(EmptyValuesError) as error:
        carry_out(RestoreField("people", REQUIRED))

    assert str(error.value) == (
        '[dynschema.E202] The field "age" of table "people" cannot become required: '
        "1 record has no value (record 2). Fill them in first, or leave the field optional."
    )
    assert read() == before


def test_gaps_filled_with_one_value_cannot_be_unique():
    make(PEOPLE, [*WITH_A_GAP, (3, "Eve", None)])

    with pytest.raises(DuplicateValuesError) as error:
        carry_out(RestoreField("people", replace(REQUIRED, fill="18"), (UNIQUE,)))

    assert str(error.value) == (
        '[dynschema.E203] The field "age" of table "people" cannot become unique: '
        '2 records share a value with another (record 2 "18", record 3 "18"). '
        "Correct them first, or do not ask for unique values."
    )


def test_a_reference_to_a_row_deleted_meanwhile_refuses_it():
    make(ROOMS, [(1, "Blue")])
    make(TableSpec("people", (ID, NAME, ROOM)), [(1, "Ann", 1), (2, "Bob", 7), (3, "Eve", None)])

    with pytest.raises(MissingTargetsError) as error:
        carry_out(RestoreField("people", ROOM, (ROOM_KEY,)))

    assert str(error.value) == (
        '[dynschema.E204] The field "room_id" of table "people" cannot refer to "rooms": '
        '1 record refers to a row that is not there (record 2 "7"). '
        "Clear or correct them first."
    )


def test_undoing_it_retires_the_field():
    make(PEOPLE, WITH_A_GAP)
    before = read()
    operation = RestoreField("people", replace(REQUIRED, fill="18"), (UNIQUE,))
    carry_out(operation)

    undo(operation)

    assert read() == before
    assert rows() == [(1, "Ann", 40), (2, "Bob", 18)]


def test_it_says_what_it_does():
    assert RestoreField("people", AGE).describe() == (
        'Restore field "age" of table "people" with the values that it kept.'
    )
