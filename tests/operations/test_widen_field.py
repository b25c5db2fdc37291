from dataclasses import replace

import pytest

from dynschema.exceptions import LossyChangeError
from dynschema.schema.operations import AddConstraint, WidenField
from dynschema.schema.spec import ConstraintSpec, TableSpec
from tests.operations.life import (
    AGE,
    ANN_AND_BOB,
    ID,
    NAME,
    PEOPLE,
    carry_out,
    constraint_names,
    field,
    make,
    read,
    rows,
    run,
    undo,
)
from tests.pure.test_widening import BOTH, POSTGRESQL

pytestmark = pytest.mark.django_db

LONGER = WidenField("people", NAME, replace(NAME, type="varchar(50)"))
TO_TEXT = WidenField("people", AGE, replace(AGE, type="text"))
TO_NUMBER = WidenField("people", NAME, replace(NAME, type="integer"))


def test_a_text_may_be_longer_from_now_on(database):
    make(PEOPLE, ANN_AND_BOB)

    hazards = carry_out(LONGER)

    assert "(50)" in field("name").type
    assert rows() == ANN_AND_BOB
    assert hazards == {"sqlite": ["REWRITE"], "postgresql": []}[database]


def test_a_number_becomes_the_text_that_shows_it():
    make(PEOPLE, ANN_AND_BOB)

    hazards = carry_out(TO_TEXT)

    assert rows() == [(1, "Ann", "40"), (2, "Bob", "50")]
    assert hazards == ["REWRITE"]


@pytest.mark.parametrize(
    ("old", "new", "value", "kept"),
    [
        ("varchar(3)", "text", "Ann", "Ann"),
        ("smallint", "integer", -32768, -32768),
        ("integer", "bigint", -2147483648, -2147483648),
        ("integer", "double precision", 2147483647, 2147483647),
        ("integer", "numeric(12, 2)", 2147483647, 2147483647),
        ("integer", "varchar(11)", -2147483648, "-2147483648"),
        ("bigint", "text", -9223372036854775808, "-9223372036854775808"),
        ("numeric(4, 2)", "numeric(6, 4)", 12.25, 12.25),
        ("boolean", "integer", True, 1),
    ],
)
def test_extreme_values_stay(old, new, value, kept):
    before, after = replace(NAME, type=old), replace(NAME, type=new)
    make(TableSpec("people", (ID, before)), [(1, value)])

    carry_out(WidenField("people", before, after))

    assert rows() == [(1, kept)]


@pytest.mark.only("postgresql")
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [change for change in BOTH + POSTGRESQL if change[2].lossless],
)
def test_rows_are_written_anew_where_it_says_so(old, new, expected):
    before, after = replace(NAME, type=old), replace(NAME, type=new)
    make(TableSpec("people", (ID, before)))
    file = run("SELECT pg_relation_filenode('people')")

    carry_out(WidenField("people", before, after))

    assert (run("SELECT pg_relation_filenode('people')") == file) == expected.instant


@pytest.mark.parametrize("instant", [True, False])
def test_a_default_stays_where_the_type_is_of_the_same_sort(instant):
    before = replace(NAME, type="varchar(5)" if instant else "boolean", default="'true'")
    after = replace(NAME, type="varchar(9)" if instant else "integer")
    make(TableSpec("people", (ID, before)))

    carry_out(WidenField("people", before, after))

    assert (field("name").default is not None) == instant


def test_checks_of_the_same_plan_see_the_new_type():
    make(PEOPLE, ANN_AND_BOB)
    sql = 'CHECK (LENGTH("age") = 2)'
    two_digits = ConstraintSpec("check", "two_digits", ("age",), sql)

    carry_out(TO_TEXT, AddConstraint("people", two_digits))

    assert constraint_names() == {"two_digits"}


def test_a_type_that_may_lose_a_value_is_refused():
    make(PEOPLE, [(1, "forty", 40), (2, None, 50)])
    before = read()

    with pytest.raises(LossyChangeError) as error:
        carry_out(TO_NUMBER)

    assert str(error.value) == (
        '[dynschema.E205] The field "name" of table "people" cannot change from varchar(20) to '
        'integer: 1 record has a value that is not sure to survive (record 1 "forty"). '
        "Add a new field, copy the values, and remove the old one."
    )
    assert read() == before


def test_any_type_will_do_while_there_is_no_value():
    make(PEOPLE, [(1, None, 40), (2, None, 50)])

    carry_out(TO_NUMBER)

    assert field("name").type == "integer"
    assert rows() == [(1, None, 40), (2, None, 50)]


def test_no_cast_is_needed_while_there_is_no_value():
    other = replace(NAME, type="uuid")
    make(TableSpec("people", (ID, other)), [(1, None)])

    carry_out(WidenField("people", other, replace(NAME, type="integer")))

    assert field("name").type == "integer"


def test_undoing_it_is_refused_once_values_depend_on_it():
    make(PEOPLE, ANN_AND_BOB)
    carry_out(LONGER)

    with pytest.raises(LossyChangeError):
        undo(LONGER)


def test_undoing_it_gives_an_empty_field_its_type_back():
    make(PEOPLE)
    before = read()
    carry_out(LONGER)

    undo(LONGER)

    assert read() == before


def test_it_says_what_it_does():
    assert LONGER.describe() == (
        'Change the type of field "name" of table "people" from varchar(20) to varchar(50); '
        "its values stay."
    )
