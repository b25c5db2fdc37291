"""Questions speak of names that earlier operations of the same plan give."""

from dataclasses import replace

import pytest
from django.db import connection

from dynschema.exceptions import DuplicateValuesError, EmptyValuesError, MissingTargetsError
from dynschema.schema.operations import (
    AddConstraint,
    AddField,
    AddForeignKey,
    AddUnique,
    CreateTable,
    RenameField,
    RenameTable,
    TightenField,
)
from dynschema.schema.questions import Questions
from dynschema.schema.spec import ConstraintSpec, FieldSpec, TableSpec
from tests.operations.life import (
    AGE,
    ANN_AND_BOB,
    GUESTS,
    ID,
    PEOPLE,
    ROOM_KEY,
    ROOMS,
    ask,
    carry_out,
    make,
    rows,
)

pytestmark = pytest.mark.django_db

CITY = FieldSpec("city", "varchar(20)", null=False, fill="'Bern'")


def unique(*columns, table="people", where=""):
    listed = ", ".join(f'"{column}"' for column in columns)
    sql = f"({listed}) {where}".strip()
    return AddUnique(table, ConstraintSpec("index", "new_unique", columns, sql, unique=True))


def test_a_renamed_table_is_asked_under_its_present_name():
    make(PEOPLE, [(1, "Ann", None)])

    with pytest.raises(EmptyValuesError) as error:
        ask(RenameTable("people", "guests"), TightenField("guests", "question:2", "age"))

    assert error.value.message == (
        'The field "age" of table "guests" cannot become required: 1 record has no value '
        "(record 1). Fill them in first, or leave the field optional."
    )


def test_a_renamed_column_is_asked_under_its_present_name():
    make(PEOPLE, [(1, "Ann", None)])

    with pytest.raises(EmptyValuesError) as error:
        ask(
            RenameField("people", "question:2", "age", "years"),
            TightenField("people", "question:2", "years"),
        )

    assert (error.value.field, error.value.examples) == ("years", "record 1")


def test_fields_that_swap_names_are_not_mistaken_for_each_other():
    make(PEOPLE, [(1, "Ann", 40), (2, "Ann", 50)])
    swap = [
        RenameField("people", "question:1", "name", "waiting"),
        RenameField("people", "question:2", "age", "name"),
        RenameField("people", "question:1", "waiting", "age"),
    ]

    ask(*swap, unique("name"))
    with pytest.raises(DuplicateValuesError) as error:
        ask(*swap, unique("age", where='WHERE "name" > 30'))

    assert error.value.examples == 'record 1 "Ann", record 2 "Ann"'


def test_a_column_of_the_same_plan_has_what_it_will_be_filled_with():
    make(PEOPLE, ANN_AND_BOB)

    with pytest.raises(DuplicateValuesError) as error:
        ask(AddField("people", CITY), unique("city"))

    assert error.value.message == (
        'The field "city" of table "people" cannot become unique: 2 records share a value with '
        'another (record 1 "Bern", record 2 "Bern"). They would all get the same default, since it '
        "is asked for once. Add the field without a default and without unique values, give each "
        "record its own value, and then ask for unique values."
    )


def test_an_empty_column_of_the_same_plan_stands_against_nothing():
    make(PEOPLE, ANN_AND_BOB)
    size = FieldSpec("size", "integer")
    positive = ConstraintSpec("check", "positive", ("size",), 'CHECK ("size" > 0)')

    carry_out(AddField("people", size), unique("size"), AddConstraint("people", positive))

    assert rows() == [(1, "Ann", 40, None), (2, "Bob", 50, None)]


def test_a_filled_column_is_unique_together_with_one_that_tells_rows_apart():
    make(PEOPLE, ANN_AND_BOB)

    carry_out(AddField("people", CITY), unique("city", "age"))

    assert rows() == [(1, "Ann", 40, "Bern"), (2, "Bob", 50, "Bern")]


def test_a_table_of_the_same_plan_is_asked_nothing(django_assert_num_queries):
    years = RenameField("people", "question:2", "age", "years")

    with django_assert_num_queries(0):
        ask(
            CreateTable("people", PEOPLE),
            years,
            TightenField("people", "question:2", "years"),
            unique("years"),
        )


def test_what_refers_to_a_table_of_the_same_plan_finds_nothing_there():
    make(TableSpec("people", GUESTS.fields), [(1, "Ann", 7)])

    with pytest.raises(MissingTargetsError) as error:
        ask(CreateTable("rooms", ROOMS), AddForeignKey("people", ROOM_KEY))

    assert error.value.examples == 'record 1 "7"'


def test_a_reference_follows_its_renamed_target():
    make(ROOMS, [(1, "Blue")])
    make(TableSpec("people", GUESTS.fields), [(1, "Ann", 1)])
    to_halls = replace(ROOM_KEY, references=replace(ROOM_KEY.references, table="halls"))

    carry_out(RenameTable("rooms", "halls"), AddForeignKey("people", to_halls))

    assert rows() == [(1, "Ann", 1)]


def test_a_table_without_a_primary_key_shows_its_values_alone():
    make(TableSpec("people", (AGE,)), [(7,), (7,)])

    found = Questions(connection).duplicates("people", unique("age").constraint)

    assert (found.count, found.examples) == (2, '"7", "7"')


def test_long_values_are_shortened_and_many_are_cut():
    make(PEOPLE, [(number, "x" * 20, number) for number in range(1, 6)])
    long = TableSpec("texts", (ID, FieldSpec("body", "text")))
    make(long, [(number, "y" * 50) for number in range(1, 5)])

    found = Questions(connection).values("texts", "body")

    shortened = '"' + "y" * 40 + '…"'
    assert found.count == 4
    assert found.examples == (
        f"record 1 {shortened}, record 2 {shortened}, record 3 {shortened}, …"
    )


@pytest.mark.only("postgresql")
def test_rows_without_a_value_may_be_equal():
    make(PEOPLE, [(1, "Ann", None), (2, "Bob", None)])
    sql = 'UNIQUE NULLS NOT DISTINCT ("age")'

    found = Questions(connection).duplicates(
        "people", ConstraintSpec("unique", "one", ("age",), sql, unique=True)
    )

    assert (found.count, found.examples) == (2, "record 1, record 2")


def test_names_are_quoted_wherever_they_stand():
    hostile = FieldSpec('a"b; DROP', "integer")
    table = TableSpec('peo"ple 100%', (ID, hostile))
    make(table, [(1, 7), (2, 7)])
    column = '"a""b; DROP"'
    rule = ConstraintSpec("unique", "one", (hostile.name,), f"UNIQUE ({column})", unique=True)

    found = Questions(connection).duplicates(table.name, rule)

    assert (found.count, found.examples) == (2, 'record 1 "7", record 2 "7"')
