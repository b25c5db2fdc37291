import pytest

from dynschema.schema.operations import CreateTable
from tests.operations.life import (
    GUESTS,
    PEOPLE,
    ROOMS,
    carry_out,
    constraint_names,
    insert,
    make,
    read,
    rows,
    undo,
)

pytestmark = pytest.mark.django_db


def test_a_table_is_created_with_its_fields():
    operation = CreateTable("people", PEOPLE)

    hazards = carry_out(operation)

    assert [(each.name, each.null) for each in read().fields] == [
        ("id", False),
        ("name", True),
        ("age", True),
    ]
    assert rows() == []
    assert hazards == []


def test_a_table_is_created_with_its_foreign_keys(database):
    make(ROOMS, [(1, "Blue")])

    hazards = carry_out(CreateTable("people", GUESTS))

    assert constraint_names() == {"people_room_fk"}
    assert hazards == {"sqlite": [], "postgresql": ["LOCKS_STATIC_TABLE"]}[database]


def test_undoing_it_retires_the_table():
    make(ROOMS)
    operation = CreateTable("people", GUESTS)
    carry_out(operation)
    insert("people", [(1, "Ann", None)])

    undo(operation)

    assert constraint_names() == set()
    assert rows() == [(1, "Ann", None)]


def test_it_says_what_it_does():
    assert CreateTable("people", PEOPLE).describe() == 'Create table "people" with 3 fields.'
