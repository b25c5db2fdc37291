"""Definitions are read with few queries, and come out the same however many are read at once."""

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from dynschema.definitions import FEW, read_definitions
from dynschema.loading import blueprints
from tests.forms.models import Form
from tests.support import builders

pytestmark = pytest.mark.django_db

ENTRIES = "forms.Entries"


@pytest.fixture
def forms() -> list[Form]:
    """Make more than a few, of which every third has no input."""
    inputs = {"age": models.IntegerField(null=True), "name": models.TextField(null=True)}
    return [builders.form(f"form{n}", **(inputs if n % 3 else {})) for n in range(FEW + 1)]


def read(pks: list[int] | None) -> list[tuple[str, list[str]]]:
    """Give the names, and see that each input knows the very definition that it came with."""
    found = list(read_definitions(blueprints[ENTRIES], "default", pks))
    assert all(part.form is definition for definition, parts in found for part in parts)
    return [(definition.name, [part.name for part in parts]) for definition, parts in found]


def test_many_definitions_are_what_each_of_them_is_alone(forms):
    together = read([each.pk for each in forms])

    assert together == [one for each in forms for one in read([each.pk])]
    assert together == read(None)
    assert together[:2] == [("form0", []), ("form1", ["age", "name"])]


@pytest.mark.parametrize(
    ("wanted", "queries"), [(slice(1, 3), 1), (slice(0, 2), 2), (slice(99), 2)]
)
def test_definitions_are_read_with_two_queries_at_most(forms, wanted, queries):
    pks = [each.pk for each in forms[wanted]]

    with CaptureQueriesContext(connection) as captured:
        read(pks)

    assert len(captured) == queries


def test_definitions_that_are_false_are_read_as_well(forms, monkeypatch):
    before = read(None)

    monkeypatch.setattr(Form, "__len__", lambda self: 0, raising=False)

    assert read(None) == before
    assert read([forms[1].pk]) == [("form1", ["age", "name"])]


def test_definitions_that_are_gone_are_left_out():
    assert read([1, 2]) == read(list(range(FEW + 1))) == []
