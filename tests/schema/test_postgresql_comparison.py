"""What the server makes of the wanted words is what it then has; every other table differs."""

from dataclasses import replace

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dynschema.schema.editors.postgresql import PostgreSQLEditor
from dynschema.schema.introspection.postgresql import read_tables
from dynschema.schema.introspection.postgresql_scratch import Normaliser
from dynschema.schema.rendering import render_table
from dynschema.schema.spec import ConstraintSpec, FieldSpec, TableSpec
from dynschema.schema.sqltext import quote
from tests.schema.postgresql_models import (
    FIELDS,
    create_extensions,
    models_with_every_option,
)

pytestmark = [pytest.mark.django_db, pytest.mark.only("postgresql")]

MODELS = models_with_every_option()
# A name may have 63 bytes, and a character up to 4.
NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=15
)


def render(model):
    return render_table(connection, model, "thing:1", {})


def actual_table():
    return read_tables(connection, ["things_thing"])["things_thing"]


def shapes(table):
    """All that is compared, whatever the names of the constraints are."""
    fields = {field.name: field.shape for field in table.fields}
    return fields, sorted(repr(each.shape) for each in table.constraints)


@pytest.mark.parametrize("word", MODELS)
def test_a_table_that_we_made_equals_what_was_wanted(word):
    create_extensions()
    wanted = render(MODELS[word])

    PostgreSQLEditor(connection).create_table(wanted)

    assert shapes(actual_table()) == shapes(Normaliser().normal(connection, wanted))


# Django 5.2 to 6.1 sends the operator % of a generated column to the server as %%.
@pytest.mark.parametrize("word", sorted(MODELS.keys() - {"generated rest"}))
def test_a_table_that_django_made_equals_what_was_wanted(word):
    create_extensions()
    wanted = render(MODELS[word])

    with connection.schema_editor() as editor:
        editor.create_model(MODELS[word])

    assert shapes(actual_table()) == shapes(Normaliser().normal(connection, wanted))


@pytest.mark.parametrize("word", sorted(FIELDS.keys() & MODELS))
def test_a_column_that_was_added_equals_what_was_wanted(word):
    create_extensions()
    wanted = replace(render(MODELS[word]), constraints=())
    without = replace(wanted, fields=tuple(f for f in wanted.fields if f.name != "x"))
    editor = PostgreSQLEditor(connection)
    editor.create_table(without)

    editor.add_field(wanted.name, replace(wanted.field("x"), fill=None))

    assert shapes(actual_table()) == shapes(Normaliser().normal(connection, wanted))


@given(
    table=NAMES,
    columns=st.lists(NAMES, min_size=2, max_size=4, unique=True),
    index=NAMES,
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_name_is_a_name(table, columns, index, db):
    assume(table not in connection.introspection.table_names())
    first, second = map(quote, columns[:2])
    wanted = TableSpec(
        table,
        tuple(FieldSpec(name, "integer") for name in columns),
        (
            ConstraintSpec("check", "k", (), f"CHECK ({first} > 0 OR {second} < 5)"),
            ConstraintSpec("index", f"i{index}", (), f"({second} DESC, {first})"),
        ),
    )

    with transaction.atomic():
        PostgreSQLEditor(connection).create_table(wanted)
        actual = read_tables(connection, [table])
        normal = Normaliser().normal(connection, wanted)
        transaction.set_rollback(True)

    assert actual == {table: replace(normal, constraints=in_order(normal.constraints))}


def in_order(constraints):
    return tuple(sorted(constraints, key=lambda each: each.name))
