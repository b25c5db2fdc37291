import pytest

from dynschema.exceptions import EmptyValuesError
from dynschema.schema.operations import TightenField
from tests.operations.life import ANN_AND_BOB, PEOPLE, carry_out, field, make, read, rows, undo

pytestmark = pytest.mark.django_db

OPERATION = TightenField("people", "question:2", "age")


def test_a_field_needs_a_value_from_now_on(database):
    make(PEOPLE, ANN_AND_BOB)

    hazards = carry_out(OPERATION)

    assert not field("age").null
    assert rows() == ANN_AND_BOB
    assert hazards == {"sqlite": ["REWRITE"], "postgresql": ["SCAN"]}[database]


def test_an_empty_table_costs_nothing():
    make(PEOPLE)

    hazards = carry_out(OPERATION)

    assert hazards == []


def test_rows_without_a_value_refuse_it():
    make(PEOPLE, [(number, "Ann", None) for number in range(1, 6)])
    before = read()

    with pytest.raises(EmptyValuesError) as error:
        carry_out(OPERATION)

    assert str(error.value) == (
        '[dynschema.E202] The field "age" of table "people" cannot become required: 5 records '
        "have no value (record 1, record 2, record 3, …). "
        "Fill them in first, or leave the field optional."
    )
    assert (error.value.table, error.value.key) == ("people", "question:2")
    assert read() == before


def test_undoing_it_makes_the_field_optional_again():
    make(PEOPLE, ANN_AND_BOB)
    before = read()
    carry_out(OPERATION)

    undo(OPERATION)

    assert read() == before


def test_it_says_what_it_does():
    assert OPERATION.describe() == 'Make field "age" of table "people" required.'
