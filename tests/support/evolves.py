"""Puts a change of a form through its whole life, from the plan to the record of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, reset_queries
from django.test.utils import CaptureQueriesContext

import dynschema
from dynschema.models import Change, Field, Table
from dynschema.schema.plan import Plan
from tests.forms.models import Design, Entries, Form
from tests.support import builders
from tests.support.rollback import taken_back
from tests.support.state import column, state

DDL = ("CREATE", "ALTER", "DROP", "TRUNCATE")


@dataclass(frozen=True)
class Before:
    """The form that a change starts from."""

    fields: Mapping[str, models.Field]
    design: Design | None = None


def evolves(
    before: Mapping[str, models.Field] | Before,
    change: Callable[[Form], object],
    after: Sequence[str],
    rows: Sequence[Mapping[str, Any]] = (),
) -> Form:
    """Assert that a change does what is expected of it and nothing else.

    Args:
        before: the fields that the form starts with.
        change: edits the definitions.
        after: the codes of the operations expected.
        rows: the records that are there before, whose values must all be there afterwards.

    Returns:
        The changed form, for what is special about the change.
    """
    form = written(before, rows)
    values = stored_values(form)
    untouched = state()

    previewed = preview(form, change)

    assert codes(previewed) == list(after), str(previewed)
    assert state().differences(untouched) == []

    fail_after(change, form)

    assert state().differences(untouched) == []

    done = carried_out(change, form)

    assert codes(done) == list(after)
    assert nothing_left_to_do(form)
    assert is_kept(values, stored_values(form))
    assert on_record(form, done)
    return form


def written(before: Mapping[str, models.Field] | Before, rows: Sequence[Mapping[str, Any]]) -> Form:
    """Save the form and its records."""
    start = before if isinstance(before, Before) else Before(before)
    form = builders.form("lunch", start.design, **start.fields)
    for each in rows:
        builders.entries(form).objects.create(**each)
    return form


def preview(form: Form, change: Callable[[Form], object]) -> Plan:
    """Return the plan of a change that is then taken back."""
    with taken_back(dynschema.atomic()):
        change(form)
        plan = Entries.plan(form)
    form.refresh_from_db()
    return plan


def fail_after(change: Callable[[Form], object], form: Form) -> None:
    """Carry the change out and then fail."""
    with taken_back(dynschema.atomic()):
        change(form)
        builders.entries(form)
    form.refresh_from_db()


def carried_out(change: Callable[[Form], object], form: Form) -> Plan:
    with dynschema.atomic() as block:
        change(form)
    (plan,) = block.plans
    return plan


def codes(plan: Plan) -> list[str]:
    return [operation.code for operation in plan.operations]


def nothing_left_to_do(form: Form) -> bool:
    """Tell whether a second sync finds nothing, runs no DDL and moves nothing."""
    settled = state()
    reset_queries()
    with CaptureQueriesContext(connection) as queries:
        plan = Entries.sync(form)
    assert not plan, str(plan)
    assert Entries.plan(form).unsure == ()
    assert ddl(queries) == []
    assert state().differences(settled) == []
    return True


def ddl(queries: CaptureQueriesContext) -> list[str]:
    """Give the statements that change a table, without those of scratch places."""
    found = [each["sql"] for each in queries.captured_queries]
    return [sql for sql in found if sql.lstrip().upper().startswith(DDL) and "TEMP" not in sql]


def stored_values(form: Form) -> dict[str, list[Any]]:
    """Give the raw values of every column of the form's table by key, retired ones too."""
    table = Table.objects.get(key=f"form:{form.pk}")
    return {each.key: column(table.name, each.column) for each in Field.objects.filter(table=table)}


def is_kept(before: Mapping[str, list[Any]], after: Mapping[str, list[Any]]) -> bool:
    """Tell whether every value is where it was, as the same value."""
    assert {key: after.get(key) for key in before} == before
    return True


def on_record(form: Form, plan: Plan) -> bool:
    """Tell whether the history says what was done, and how to undo it."""
    change = Change.objects.filter(table__key=f"form:{form.pk}").latest()
    assert change.operations == [each.as_json() for each in plan.operations]
    assert change.reverse == [each.as_json() for each in plan.reverse().operations]
    assert change.sql == ";\n".join(plan.sql)
    return True
