import pytest

from dynschema.schema.operations import RenameField
from dynschema.schema.spec import ConstraintSpec
from tests.operations.life import (
    ANN_AND_BOB,
    PEOPLE,
    carry_out,
    make,
    make_editor,
    read,
    rows,
    undo,
)

pytestmark = pytest.mark.django_db

OPERATION = RenameField("people", "question:2", "age", "years")


def test_a_field_gets_another_name_and_keeps_its_values():
    make(PEOPLE, ANN_AND_BOB)

    hazards = carry_out(OPERATION)

    assert [each.name for each in read().fields] == ["id", "name", "years"]
    assert rows() == ANN_AND_BOB
    assert hazards == ["BREAKS_STALE"]


def test_indexes_and_checks_follow():
    make(PEOPLE, ANN_AND_BOB)
    adult = ConstraintSpec("check", "people_adult", ("age",), 'CHECK ("age" >= 18)')
    make_editor().add_constraint("people", adult)
    make_editor().add_constraint("people", ConstraintSpec("index", "by_age", ("age",), '("age")'))

    carry_out(OPERATION)

    assert {each.name: each.columns for each in read().constraints} == {
        "people_adult": ("years",),
        "by_age": ("years",),
    }


def test_two_fields_swap_their_names_by_way_of_a_third():
    make(PEOPLE, ANN_AND_BOB)

    carry_out(
        RenameField("people", "question:1", "name", "waiting"),
        RenameField("people", "question:2", "age", "name"),
        RenameField("people", "question:1", "waiting", "age"),
    )

    assert [each.name for each in read().fields] == ["id", "age", "name"]
    assert rows() == ANN_AND_BOB


def test_undoing_it_gives_the_old_name_back():
    make(PEOPLE, ANN_AND_BOB)
    before = read()
    carry_out(OPERATION)

    undo(OPERATION)

    assert read() == before


def test_it_says_what_it_does():
    assert OPERATION.describe() == (
        'Rename field "age" of table "people" to "years"; its values stay.'
    )
