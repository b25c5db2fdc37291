"""What is asked of a table with injected fields; nothing is changed."""

import inspect
from uuid import uuid4

import pytest
from django.db import connection, models

from dynschema.evolution import inject_field
from dynschema.evolution.inject.exceptions import ForbiddenInjectionError
from dynschema.evolution.inject.hosts import wanted_hosts
from dynschema.evolution.inject.keeping import FollowingEditor

pytestmark = pytest.mark.django_db


def forbidden():
    raise AssertionError


def host_of(model):
    return next(each for each in wanted_hosts("default") if each.label == model._meta.label)


def test_columns_are_rendered_without_a_look_at_the_fields_of_the_app(make_model):
    leaf = make_model("Leaf", serial=models.IntegerField(default=forbidden, unique=True))

    inject_field(leaf, "size", models.IntegerField(default=1, db_index=True))
    host = host_of(leaf)

    assert [each.name for each in host.wanted.fields] == ["size"]
    assert [each.columns for each in host.wanted.constraints] == [("size",)]


def test_one_value_of_a_changing_default_is_not_for_all_rows_of_a_unique_field(make_model):
    leaf = make_model("Leaf")

    inject_field(leaf, "code", models.UUIDField(default=uuid4, unique=True, null=True))
    inject_field(leaf, "mark", models.UUIDField(default=uuid4, null=True))
    host = host_of(leaf)

    assert [each.fill is None for each in host.wanted.fields] == [True, False]


def test_a_default_that_the_column_cannot_hold_is_refused_with_its_place(make_model):
    def inject():
        inject_field(make_model("Leaf"), "size", models.IntegerField(default="big"))
        list(wanted_hosts("default"))

    with pytest.raises(ForbiddenInjectionError) as caught:
        inject()

    line = inspect.getsourcelines(inject)[1] + 1
    assert str(caught.value) == (
        '[dynschema.E591] The field "size" cannot be injected into forms.Leaf '
        f'({__file__}:{line}): The field "size" has a default that it cannot hold: '
        "Field 'size' expected a number but got 'big'. Correct the field."
    )


def test_a_connection_takes_care_of_columns_before_it_is_open():
    editor = connection.copy().schema_editor()

    assert isinstance(editor, FollowingEditor)
