import pytest

from dynschema.schema.operations import RemoveUnique
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

CONSTRAINT = ConstraintSpec("unique", "people_uniq", ("age",), 'UNIQUE ("age")', unique=True)
INDEX = ConstraintSpec("index", "people_uniq", ("age",), '("age")', unique=True)
OPERATION = RemoveUnique("people", CONSTRAINT)


@pytest.mark.parametrize("rule", [CONSTRAINT, INDEX])
def test_values_may_occur_twice_from_now_on(rule):
    make(PEOPLE, ANN_AND_BOB)
    make_editor().add_constraint("people", rule)

    carry_out(RemoveUnique("people", rule))

    insert("people", [(3, "Eve", 50)])
    assert constraint_names() == set()
    assert rows() == [*ANN_AND_BOB, (3, "Eve", 50)]


def test_undoing_it_brings_the_rule_back():
    make(PEOPLE, ANN_AND_BOB)
    make_editor().add_constraint("people", CONSTRAINT)
    before = read()
    carry_out(OPERATION)

    undo(OPERATION)

    assert read() == before


def test_it_says_what_it_does():
    assert OPERATION.describe() == 'Remove unique rule "people_uniq" from table "people".'
