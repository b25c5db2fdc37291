from dataclasses import replace

import pytest

from dynschema.schema.operations import RetireField
from dynschema.schema.spec import ConstraintSpec, TableSpec
from tests.operations.life import (
    AGE,
    ANN_AND_BOB,
    GUESTS,
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
    run,
    undo,
)

pytestmark = pytest.mark.django_db

REQUIRED = replace(AGE, null=False, default="18")
UNIQUE = ConstraintSpec("unique", "people_age_uniq", ("age",), 'UNIQUE ("age")', unique=True)
INDEX = ConstraintSpec("index", "people_age_idx", ("age",), '("age")')
FULL = TableSpec("people", (ID, NAME, REQUIRED), (UNIQUE, INDEX))


def test_a_retired_field_keeps_its_values_and_blocks_no_row(database):
    make(FULL, ANN_AND_BOB)

    hazards = carry_out(RetireField("people", REQUIRED, (UNIQUE, INDEX)))

    run("INSERT INTO people (id, name) VALUES (3, 'Eve'), (4, 'Max')")
    assert rows() == [*ANN_AND_BOB, (3, "Eve", None), (4, "Max", None)]
    assert constraint_names() == set()
    assert (field("age").null, field("age").default) == (True, None)
    assert hazards == {"sqlite": ["REWRITE"], "postgresql": []}[database]


def test_an_optional_field_without_constraints_needs_no_statement():
    make(PEOPLE, ANN_AND_BOB)
    before = read()

    hazards = carry_out(RetireField("people", AGE))

    assert read() == before
    assert hazards == []


def test_a_retired_reference_blocks_no_deletion(database):
    make(ROOMS, [(1, "Blue")])
    make(GUESTS, [(1, "Ann", 1)])

    hazards = carry_out(RetireField("people", ROOM, (ROOM_KEY,)))

    run("DELETE FROM rooms")
    assert rows() == [(1, "Ann", 1)]
    assert hazards == {"sqlite": ["REWRITE"], "postgresql": ["LOCKS_STATIC_TABLE"]}[database]


def test_undoing_it_brings_everything_back():
    make(FULL, ANN_AND_BOB)
    before = read()
    operation = RetireField("people", REQUIRED, (UNIQUE, INDEX))
    carry_out(operation)

    undo(operation)

    assert read() == before
    assert rows() == ANN_AND_BOB


def test_it_says_what_it_does():
    assert RetireField("people", AGE).describe() == (
        'Retire field "age" of table "people"; its values stay and can be restored.'
    )
