"""What the server makes of the wanted words is what it then has; every other table differs."""

from dataclasses import replace

import pytest
from django.db import connection

from dynschema.schema.editors.postgresql import PostgreSQLEditor
from dynschema.schema.introspection.postgresql import read_tables
from dynschema.schema.introspection.postgresql_scratch import Normaliser
from dynschema.schema.rendering import render_table
from tests.schema.postgresql_models import (
    FIELDS,
    create_extensions,
    models_with_every_option,
)

pytestmark = [pytest.mark.django_db, pytest.mark.only("postgresql")]

MODELS = models_with_every_option()


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
