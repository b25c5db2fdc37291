from dataclasses import replace

import pytest

from dynschema.schema.operations import RelaxField
from dynschema.schema.spec import TableSpec
from tests.operations.life import (
    AGE,
    ANN_AND_BOB,
    ID,
    NAME,
    carry_out,
    field,
    make,
    read,
    rows,
    run,
    undo,
)

pytestmark = pytest.mark.django_db

REQUIRED = TableSpec("people", (ID, NAME, replace(AGE, null=False)))
OPERATION = RelaxField("people", "question:2", "age")


def test_a_field_may_be_empty_from_now_on(database):
    make(REQUIRED, ANN_AND_BOB)

    hazards = carry_out(OPERATION)

    run("INSERT INTO people (id, name) VALUES (3, 'Eve')")
    assert field("age").null
    assert rows() == [*ANN_AND_BOB, (3, "Eve", None)]
    assert hazards == {"sqlite": ["REWRITE"], "postgresql": []}[database]


def test_undoing_it_requires_a_value_again():
    make(REQUIRED, ANN_AND_BOB)
    before = read()
    carry_out(OPERATION)

    undo(OPERATION)

    assert read() == before
    assert rows() == ANN_AND_BOB


def test_it_says_what_it_does():
    assert OPERATION.describe() == 'Make field "age" of table "people" optional.'
