import pytest

from dynschema.schema.operations import AddIndex
from dynschema.schema.spec import ConstraintSpec
from tests.operations.life import (
    ANN_AND_BOB,
    PEOPLE,
    carry_out,
    constraint_names,
    make,
    read,
    rows,
    undo,
)

pytestmark = pytest.mark.django_db

OPERATION = AddIndex("people", ConstraintSpec("index", "people_age", ("age",), '("age" DESC)'))


def test_an_index_is_added():
    make(PEOPLE, [*ANN_AND_BOB, (3, "Eve", 50)])

    hazards = carry_out(OPERATION)

    index = read().constraint("people_age")
    assert (index.kind, index.columns, index.unique) == ("index", ("age",), False)
    assert hazards == ["INDEX_BUILD"]


def test_an_empty_table_costs_nothing():
    make(PEOPLE)

    assert carry_out(OPERATION) == []


def test_undoing_it_removes_the_index():
    make(PEOPLE, ANN_AND_BOB)
    carry_out(OPERATION)

    undo(OPERATION)

    assert constraint_names() == set()
    assert rows() == ANN_AND_BOB


def test_it_says_what_it_does():
    assert OPERATION.describe() == 'Add index "people_age" to table "people".'
