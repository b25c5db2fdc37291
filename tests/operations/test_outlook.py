"""What a question is answered before the plan is what it would be answered after it."""

from itertools import count

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from dynschema.schema.operations import AddField, RenameField, RenameTable, RestoreField, WidenField
from dynschema.schema.questions import Questions
from dynschema.schema.spec import ConstraintSpec, FieldSpec, TableSpec
from tests.operations.life import ID, make, make_editor

pytestmark = pytest.mark.django_db

NUMBERS = [FieldSpec("a", "integer"), FieldSpec("b", "integer")]
NAMES = ["c", "d", "a", "b"]
VALUES = st.none() | st.integers(0, 2)


@st.composite
def plans(draw):
    """Draw operations that can run one after the other, and the columns that there are then."""
    table, columns, operations = "things", {field.name: field for field in NUMBERS}, []
    for _ in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from([rename_table, rename, add, restore, widen]))
        table, operation = kind(draw, table, columns)
        operations.append(operation)
    return table, sorted(columns), operations


def rename_table(draw, table, columns):
    new = "objects" if table == "things" else "things"
    return new, RenameTable(table, new)


def rename(draw, table, columns):
    old = draw(st.sampled_from(sorted(columns)))
    new = draw(st.sampled_from(free_names(columns)))
    field = columns.pop(old)
    columns[new] = FieldSpec(new, field.type)
    return table, RenameField(table, None, old, new)


def add(draw, table, columns):
    name = draw(st.sampled_from(free_names(columns)))
    columns[name] = FieldSpec(name, "integer", fill=draw(st.sampled_from([None, "1"])))
    return table, AddField(table, columns[name])


def free_names(columns):
    """Give names that no column has now; some of them have been used before."""
    new = next(name for name in map("x{}".format, count()) if name not in columns)
    return [*(name for name in NAMES if name not in columns), new]


def restore(draw, table, columns):
    name = draw(st.sampled_from(sorted(columns)))
    field = FieldSpec(name, columns[name].type, null=False, fill="2")
    return table, RestoreField(table, field)


def widen(draw, table, columns):
    name = draw(st.sampled_from(sorted(columns)))
    old, new = columns[name], FieldSpec(name, "bigint")
    columns[name] = new
    return table, WidenField(table, old, new)


def answers(questions, table, columns):
    """Put each kind of question."""
    quoted = ", ".join(f'"{name}"' for name in columns)
    pair = ConstraintSpec("unique", "pair", tuple(columns), f"UNIQUE ({quoted})", unique=True)
    small = ConstraintSpec("check", "small", (columns[0],), f'CHECK ("{columns[0]}" < 2)')
    return [
        questions.empty_values(table, columns[0]),
        questions.values(table, columns[-1]),
        questions.duplicates(table, pair),
        questions.violations(table, small),
        questions.is_empty(table),
    ]


@settings(max_examples=100, deadline=None)
@given(plans(), st.lists(st.tuples(VALUES, VALUES), max_size=4))
def test_a_question_put_ahead_is_answered_as_it_would_be_afterwards(plan, values):
    table, columns, operations = plan
    with transaction.atomic():
        make(TableSpec("things", (ID, *NUMBERS)), [(n, *pair) for n, pair in enumerate(values, 1)])
        questions = Questions(connection)
        for operation in operations:
            questions = questions.after(operation)
        ahead = answers(questions, table, columns)

        editor = make_editor()
        for operation in operations:
            operation.apply(editor)

        assert ahead == answers(Questions(connection), table, columns)
        transaction.set_rollback(True)
