from dataclasses import replace

import pytest

from dynschema.schema.operations import DefaultField
from tests.operations.life import (
    AGE,
    ANN_AND_BOB,
    PEOPLE,
    carry_out,
    field,
    make,
    read,
    rows,
    run,
    undo,
)

pytestmark = pytest.mark.django_db

SET = DefaultField("people", AGE, replace(AGE, default="18"))
DROP = DefaultField("people", replace(AGE, default="18"), AGE)


def test_new_rows_get_the_default_and_old_ones_keep_their_values(database):
    make(PEOPLE, [(1, "Ann", None)])

    hazards = carry_out(SET)

    run("INSERT INTO people (id, name) VALUES (2, 'Bob')")
    assert rows() == [(1, "Ann", None), (2, "Bob", 18)]
    assert hazards == {"sqlite": ["REWRITE"], "postgresql": []}[database]


def test_a_default_is_dropped():
    make(PEOPLE, ANN_AND_BOB)
    carry_out(SET)

    carry_out(DROP)

    assert field("age").default is None
    assert rows() == ANN_AND_BOB


def test_undoing_it_brings_the_old_default_back():
    make(PEOPLE)
    before = read()
    carry_out(SET)

    undo(SET)

    assert read() == before


def test_it_says_what_it_does():
    assert SET.describe() == 'Set the default of field "age" of table "people" to 18.'
    assert DROP.describe() == 'Drop the default of field "age" of table "people".'
