import pytest

from dynschema.schema.operations import RemoveIndex
from dynschema.schema.spec import ConstraintSpec
from tests.operations.life import (
    ANN_AND_BOB,
    PEOPLE,
    carry_out,
    constraint_names,
    make,
    make_editor,
    read,
    rows,
    undo,
)

pytestmark = pytest.mark.django_db

INDEX = ConstraintSpec("index", "people_age", ("age",), '("age")')
OPERATION = RemoveIndex("people", INDEX)


def test_an_index_is_removed():
    make(PEOPLE, ANN_AND_BOB)
    make_editor().add_constraint("people", INDEX)

    hazards = carry_out(OPERATION)

    assert constraint_names() == set()
    assert rows() == ANN_AND_BOB
    assert hazards == []


def test_undoing_it_brings_the_index_back():
    make(PEOPLE, ANN_AND_BOB)
    make_editor().add_constraint("people", INDEX)
    before = read()
    carry_out(OPERATION)

    undo(OPERATION)

    assert read() == before


def test_it_says_what_it_does():
    assert OPERATION.describe() == 'Remove index "people_age" from table "people".'
