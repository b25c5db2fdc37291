import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynschema.exceptions import UnsupportedChangeError
from dynschema.schema.hazards import Hazard
from dynschema.schema.operations import (
    OPERATIONS,
    AddField,
    CreateTable,
    RenameField,
    RenameTable,
    RetireField,
    TightenField,
    operation_from_json,
)
from dynschema.schema.operations.base import Operation
from dynschema.schema.plan import Plan
from dynschema.schema.spec import ConstraintSpec, FieldSpec, Reference, TableSpec

AGE = FieldSpec("age", "integer", null=False, key="question:17", fill="18")
CHECK = ConstraintSpec("check", "age_check", ("age",), 'CHECK ("age" >= 0)')
PLAN = Plan(
    "lunch",
    "survey:3",
    (
        RenameTable("dinner", "lunch"),
        RenameField("lunch", "question:16", "food", "dish"),
        AddField("lunch", AGE, (CHECK,)),
    ),
    unsure=('The default of "mood" could not be compared.',),
    extra=('index "by_hand"',),
    hazards=(Hazard("SCAN", "All rows are read."),),
    sql=('ALTER TABLE "dinner" RENAME TO "lunch"', "SELECT 1"),
)

names = st.text(min_size=1, max_size=8)
texts = st.text(max_size=8)
maybe = st.none() | texts
field_specs = st.builds(
    FieldSpec, names, texts, st.booleans(), maybe, texts, maybe, maybe, st.booleans()
)
references = st.builds(Reference, names, st.tuples(names), texts, st.booleans(), maybe)
constraint_specs = st.builds(
    ConstraintSpec,
    st.sampled_from(["index", "unique", "check", "exclude", "foreign_key"]),
    maybe,
    st.lists(names, max_size=2).map(tuple),
    texts,
    st.booleans(),
    st.none() | references,
    st.booleans(),
)
table_specs = st.builds(
    TableSpec,
    names,
    st.lists(field_specs, max_size=2).map(tuple),
    st.lists(constraint_specs, max_size=2).map(tuple),
    maybe,
)
ATTRIBUTES = {
    "table": names,
    "new": names,
    "old": names,
    "column": names,
    "key": maybe,
    "spec": table_specs,
    "field": field_specs,
    "constraint": constraint_specs,
    "constraints": st.lists(constraint_specs, max_size=2).map(tuple),
}
FIELD_CHANGES = {**ATTRIBUTES, "old": field_specs, "new": field_specs}


def built(operation):
    """Give a strategy for operations of one class."""
    codes = {"widen_field", "default_field"}
    strategies = FIELD_CHANGES if operation.code in codes else ATTRIBUTES
    return st.builds(operation, **{each.name: strategies[each.name] for each in fields(operation)})


operations = st.sampled_from(OPERATIONS).flatmap(built)


def test_a_plan_reads_as_a_list_of_steps_with_hazards_and_sql():
    assert str(PLAN) == "\n".join(
        [
            'Plan for table "lunch" (survey:3):',
            '1. Rename table "dinner" to "lunch"; its rows stay.',
            '2. Rename field "food" of table "lunch" to "dish"; its values stay.',
            '3. Add required field "age" (integer) to table "lunch".',
            "",
            "Hazards:",
            "  SCAN: All rows are read.",
            "",
            "Not sure, left alone:",
            '  The default of "mood" could not be compared.',
            "",
            "Not made by dynschema, kept:",
            '  index "by_hand"',
            "",
            "SQL:",
            '  ALTER TABLE "dinner" RENAME TO "lunch";',
            "  SELECT 1;",
        ]
    )


def test_an_empty_plan_is_false_and_says_so():
    plan = Plan("lunch", "survey:3")

    assert not plan
    assert str(plan) == 'Plan for table "lunch" (survey:3):\nNothing to do.'


def test_a_plan_with_operations_is_true():
    assert PLAN


def test_undoing_a_plan_undoes_its_steps_from_the_last():
    assert PLAN.reverse() == Plan(
        "dinner",
        "survey:3",
        (
            RetireField("lunch", AGE),
            RenameField("lunch", "question:16", "dish", "food"),
            RenameTable("lunch", "dinner"),
        ),
    )


def test_a_plan_with_a_step_that_cannot_be_undone_refuses():
    class Forget(TightenField):
        def reverse(self):
            return None

    plan = Plan("lunch", "survey:3", (Forget("lunch", None, "age"),))

    with pytest.raises(UnsupportedChangeError) as error:
        plan.reverse()

    assert str(error.value) == (
        '[dynschema.E209] The table "lunch" cannot be changed: this step cannot be undone: '
        'Make field "age" of table "lunch" required. Change the definition instead.'
    )


def test_a_plan_survives_json():
    assert Plan.from_json(json.loads(json.dumps(PLAN.as_json()))) == PLAN


def test_json_leaves_out_what_is_as_usual():
    plan = Plan("lunch", "survey:3", (CreateTable("lunch", TableSpec("lunch", (AGE,))),))

    assert plan.as_json() == {
        "table": "lunch",
        "key": "survey:3",
        "operations": [
            {
                "operation": "create_table",
                "table": "lunch",
                "spec": {
                    "name": "lunch",
                    "fields": [
                        {
                            "name": "age",
                            "type": "integer",
                            "null": False,
                            "key": "question:17",
                            "fill": "18",
                        }
                    ],
                },
            }
        ],
    }


@given(operations)
def test_every_operation_survives_json(operation: Operation):
    assert operation_from_json(json.loads(json.dumps(operation.as_json()))) == operation


@given(operations)
def test_every_operation_says_what_it_does_in_one_sentence(operation: Operation):
    text = operation.describe()

    assert operation.table in text
    assert text.endswith(".")


@given(st.lists(operations, max_size=3).map(tuple))
def test_undoing_names_as_many_steps(operations: tuple[Operation, ...]):
    plan = Plan("lunch", "survey:3", operations)

    assert len(plan.reverse().operations) == len(operations)
