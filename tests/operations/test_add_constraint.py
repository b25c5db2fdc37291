import pytest

from dynschema.exceptions import ViolatedConstraintError
from dynschema.schema.operations import AddConstraint
from dynschema.schema.spec import ConstraintSpec
from tests.operations.life import (
    ANN_AND_BOB,
    PEOPLE,
    carry_out,
    constraint_names,
    make,
    read,
    rows,
    run,
    undo,
)

pytestmark = pytest.mark.django_db

ADULT = ConstraintSpec("check", "people_adult", ("age",), 'CHECK ("age" >= 18)')
ONE_PER_AGE = ConstraintSpec("exclude", "people_one", ("age",), 'EXCLUDE ("age" WITH =)')
OPERATION = AddConstraint("people", ADULT)


def test_a_check_is_added(database):
    make(PEOPLE, [*ANN_AND_BOB, (3, "Eve", None)])

    hazards = carry_out(OPERATION)

    assert constraint_names() == {"people_adult"}
    assert hazards == {"sqlite": ["REWRITE"], "postgresql": ["SCAN"]}[database]


def test_rows_that_break_a_check_refuse_it():
    make(PEOPLE, [*ANN_AND_BOB, (3, "Eve", 7)])
    before = read()

    with pytest.raises(ViolatedConstraintError) as error:
        carry_out(OPERATION)

    assert str(error.value) == (
        '[dynschema.E206] The constraint "people_adult" cannot be added to table "people": '
        '1 record breaks it (record 3 "7"). Correct them first.'
    )
    assert read() == before


@pytest.mark.only("postgresql")
def test_an_exclusion_is_left_to_the_database():
    make(PEOPLE, ANN_AND_BOB)

    hazards = carry_out(AddConstraint("people", ONE_PER_AGE))

    assert constraint_names() == {"people_one"}
    assert hazards == ["INDEX_BUILD", "DATA_DEPENDENT"]


def test_undoing_it_removes_the_check():
    make(PEOPLE, ANN_AND_BOB)
    before = read()
    carry_out(OPERATION)

    undo(OPERATION)

    run("INSERT INTO people VALUES (3, 'Eve', 7)")
    assert read() == before
    assert rows() == [*ANN_AND_BOB, (3, "Eve", 7)]


def test_it_says_what_it_does():
    assert OPERATION.describe() == 'Add constraint "people_adult" to table "people".'
