import pytest

from dynschema.schema.operations import RemoveConstraint
from dynschema.schema.spec import ConstraintSpec
from tests.operations.life import (
    ANN_AND_BOB,
    PEOPLE,
    carry_out,
    constraint_names,
    insert,
    make,
    make_editor,
    read,
    rows,
    undo,
)

pytestmark = pytest.mark.django_db

ADULT = ConstraintSpec("check", "people_adult", ("age",), 'CHECK ("age" >= 18)')
OPERATION = RemoveConstraint("people", ADULT)


def test_a_check_is_removed(database):
    make(PEOPLE, ANN_AND_BOB)
    make_editor().add_constraint("people", ADULT)

    hazards = carry_out(OPERATION)

    insert("people", [(3, "Eve", 7)])
    assert constraint_names() == set()
    assert rows() == [*ANN_AND_BOB, (3, "Eve", 7)]
    assert hazards == {"sqlite": ["REWRITE"], "postgresql": []}[database]


def test_undoing_it_brings_the_check_back():
    make(PEOPLE, ANN_AND_BOB)
    make_editor().add_constraint("people", ADULT)
    before = read()
    carry_out(OPERATION)

    undo(OPERATION)

    assert read() == before


def test_it_says_what_it_does():
    assert OPERATION.describe() == 'Remove constraint "people_adult" from table "people".'
