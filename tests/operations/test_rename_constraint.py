import pytest

from dynschema.schema.operations import RenameConstraint
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

INDEX = ConstraintSpec("index", "old", ("age",), '("age")')
UNIQUE = ConstraintSpec("unique", "old", ("age",), 'UNIQUE ("age")', unique=True)
CHECK = ConstraintSpec("check", "old", ("age",), 'CHECK ("age" >= 18)')


@pytest.mark.parametrize("constraint", [INDEX, UNIQUE, CHECK])
def test_it_gets_another_name_and_back(constraint):
    make(PEOPLE, ANN_AND_BOB)
    make_editor().add_constraint("people", constraint)
    before = read()
    operation = RenameConstraint("people", constraint, "new")

    carry_out(operation)

    assert constraint_names() == {"new"}
    assert rows() == ANN_AND_BOB
    undo(operation)
    assert read() == before


def test_it_says_what_it_does():
    assert RenameConstraint("people", INDEX, "new").describe() == (
        'Rename index "old" of table "people" to "new".'
    )
    assert RenameConstraint("people", CHECK, "new").describe() == (
        'Rename constraint "old" of table "people" to "new".'
    )
