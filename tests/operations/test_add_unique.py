import pytest
from django.db import IntegrityError, transaction

from dynschema.exceptions import DuplicateValuesError
from dynschema.schema.operations import AddUnique
from dynschema.schema.spec import ConstraintSpec
from tests.operations.life import (
    ANN_AND_BOB,
    PEOPLE,
    carry_out,
    constraint_names,
    insert,
    make,
    read,
    rows,
    undo,
)

pytestmark = pytest.mark.django_db


def unique(sql, *columns, kind="unique"):
    return AddUnique("people", ConstraintSpec(kind, "people_uniq", columns, sql, unique=True))


ON_AGE = unique('UNIQUE ("age")', "age")
ON_BOTH = unique('UNIQUE ("name", "age")', "name", "age")
ON_ADULTS = unique('("age") WHERE "age" >= 18', "age", kind="index")
ON_LOWER_NAME = unique('((LOWER("name")))', kind="index")


def refusal_of(operation):
    before = read()
    with pytest.raises(DuplicateValuesError) as error:
        carry_out(operation)
    assert read() == before
    return str(error.value)


@pytest.mark.parametrize("operation", [ON_AGE, ON_BOTH, ON_ADULTS, ON_LOWER_NAME])
def test_values_that_occur_once_become_unique(operation):
    make(PEOPLE, ANN_AND_BOB)

    hazards = carry_out(operation)

    assert read().constraint("people_uniq").unique
    assert hazards[-1] in {"INDEX_BUILD", "REWRITE"}
    with pytest.raises(IntegrityError), transaction.atomic():
        insert("people", [(3, "ann", 40), (4, "Ann", 40)])


def test_values_that_occur_twice_refuse_it():
    make(PEOPLE, [*ANN_AND_BOB, (3, "Eve", 50)])

    assert refusal_of(ON_AGE) == (
        '[dynschema.E203] The field "age" of table "people" cannot become unique: '
        '2 records share a value with another (record 2 "50", record 3 "50"). '
        "Correct them first, or do not ask for unique values."
    )


def test_pairs_that_occur_twice_refuse_it():
    make(PEOPLE, [*ANN_AND_BOB, (3, "Ann", 50), (4, "Ann", 40)])

    assert refusal_of(ON_BOTH) == (
        '[dynschema.E203] The fields "name" and "age" of table "people" cannot become unique: '
        '2 records share a value with another (record 1 "Ann" and "40", record 4 "Ann" and "40"). '
        "Correct them first, or do not ask for unique values."
    )


def test_an_expression_that_occurs_twice_refuses_it():
    make(PEOPLE, [*ANN_AND_BOB, (3, "ANN", 60)])

    assert refusal_of(ON_LOWER_NAME) == (
        '[dynschema.E203] The index "people_uniq" of table "people" cannot become unique: '
        '2 records share a value with another (record 1 "ann", record 3 "ann"). '
        "Correct them first, or do not ask for unique values."
    )


def test_rows_without_a_value_are_distinct():
    make(PEOPLE, [(1, None, None), (2, None, None), (3, None, 40)])

    carry_out(ON_BOTH)

    assert constraint_names() == {"people_uniq"}


def test_rows_outside_the_condition_do_not_count():
    make(PEOPLE, [*ANN_AND_BOB, (3, "Eve", 7), (4, "Max", 7)])

    carry_out(ON_ADULTS)

    assert constraint_names() == {"people_uniq"}


def test_undoing_it_removes_the_rule():
    make(PEOPLE, ANN_AND_BOB)
    before = read()
    carry_out(ON_AGE)

    undo(ON_AGE)

    assert read() == before
    assert rows() == ANN_AND_BOB


def test_it_says_what_it_does():
    assert ON_AGE.describe() == 'Add unique rule "people_uniq" to table "people".'
