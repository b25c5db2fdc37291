from dataclasses import replace

import pytest

from dynschema.exceptions import LossyChangeError
from dynschema.schema.operations import WidenField
from tests.operations.life import (
    AGE,
    ANN_AND_BOB,
    NAME,
    PEOPLE,
    carry_out,
    field,
    make,
    read,
    rows,
    undo,
)

pytestmark = pytest.mark.django_db

LONGER = WidenField("people", NAME, replace(NAME, type="varchar(50)"))
TO_TEXT = WidenField("people", AGE, replace(AGE, type="text"))
TO_NUMBER = WidenField("people", NAME, replace(NAME, type="integer"))


def test_a_text_may_be_longer_from_now_on(database):
    make(PEOPLE, ANN_AND_BOB)

    hazards = carry_out(LONGER)

    assert "(50)" in field("name").type
    assert rows() == ANN_AND_BOB
    assert hazards == {"sqlite": ["REWRITE"], "postgresql": []}[database]


def test_a_number_becomes_the_text_that_shows_it():
    make(PEOPLE, ANN_AND_BOB)

    hazards = carry_out(TO_TEXT)

    assert rows() == [(1, "Ann", "40"), (2, "Bob", "50")]
    assert hazards == ["REWRITE"]


def test_a_type_that_may_lose_a_value_is_refused():
    make(PEOPLE, [(1, "forty", 40), (2, None, 50)])
    before = read()

    with pytest.raises(LossyChangeError) as error:
        carry_out(TO_NUMBER)

    assert str(error.value) == (
        '[dynschema.E205] The field "name" of table "people" cannot change from varchar(20) to '
        'integer: 1 record has a value that is not sure to survive (record 1 "forty"). '
        "Add a new field, copy the values, and remove the old one."
    )
    assert read() == before


def test_any_type_will_do_while_there_is_no_value():
    make(PEOPLE, [(1, None, 40), (2, None, 50)])

    carry_out(TO_NUMBER)

    assert field("name").type == "integer"
    assert rows() == [(1, None, 40), (2, None, 50)]


def test_undoing_it_is_refused_once_values_depend_on_it():
    make(PEOPLE, ANN_AND_BOB)
    carry_out(LONGER)

    with pytest.raises(LossyChangeError):
        undo(LONGER)


def test_undoing_it_gives_an_empty_field_its_type_back():
    make(PEOPLE)
    before = read()
    carry_out(LONGER)

    undo(LONGER)

    assert read() == before


def test_it_says_what_it_does():
    assert LONGER.describe() == (
        'Change the type of field "name" of table "people" from varchar(20) to varchar(50); '
        "its values stay."
    )
