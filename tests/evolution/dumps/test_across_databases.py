"""A site goes from one database to another kind, and back, and is still the same."""

import pytest
from django.db import connections

from dynschema.evolution.dumps.comparing import compare
from dynschema.evolution.dumps.dumping import dump
from dynschema.evolution.dumps.executing import restore_dump
from dynschema.evolution.dumps.scratch import scratch_database
from tests.evolution.dumps.museum.models import Room
from tests.evolution.dumps.test_dynamic_tables import site  # noqa: F401 - a fixture
from tests.support.another_database import another_database
from tests.support.builders import survey


@pytest.fixture
def sqlite_alias(tmp_path):
    """Give an alias for databases of SQLite."""
    with another_database(tmp_path) as alias:
        yield alias


def test_the_second_dump_is_the_first(site):  # noqa: F811
    first, second = site.folder / "a", site.folder / "b"

    site.call("ddt", str(first), str(second))

    assert site.printed == f"The dumps in {first} and {second} are the same.\n"


def test_a_difference_is_named(command):
    Room.objects.create(name="Hall")
    one = command.dump("one", "museum.Room")
    Room.objects.update(name="Cellar")
    other = command.dump("other", "museum.Room")

    with pytest.raises(Exception, match="differ") as caught:
        compare(one, other)

    assert "'Hall'" in str(caught.value)


@pytest.mark.only("postgresql")
def test_from_postgresql_to_sqlite_and_back(site, sqlite_alias):  # noqa: F811
    first, second, third = (site.folder / each for each in ("first", "second", "third"))
    dump(first)

    with scratch_database("default", sqlite_alias):
        restore_dump(first, "--noinput")
        dump(second)
    with scratch_database("default"):
        restore_dump(second, "--noinput")
        dump(third)

    compare(first, second)
    compare(second, third)


@pytest.mark.only("postgresql")
def test_after_a_scratch_database_the_types_of_this_one_are_known(command):
    """A type of an extension has another number in each database."""
    from tests.evolution.dumps.herbarium.models import Specimen

    Specimen.objects.create(properties={"a": "b"})

    command.call("ddt", str(command.folder / "first"), str(command.folder / "second"))
    connections["default"].close()

    assert Specimen.objects.get().properties == {"a": "b"}


@pytest.mark.only("postgresql")
def test_what_was_retired_on_sqlite_goes_to_postgresql_and_back(command, sqlite_alias):
    """There, the history tells of JSON as text."""
    first, second, third = (command.folder / each for each in ("first", "second", "third"))
    with scratch_database("default", sqlite_alias):
        lunch = survey("lunch", extra="json", price="decimal", day="date", age="integer")
        lunch.Response.objects.create(extra={"a": [None]}, price="1.50", day="2026-01-02", age=4)
        lunch.questions.exclude(slug="age").delete()
        dump(first)

    with scratch_database("default"):
        restore_dump(first, "--noinput")
        dump(second)
    with scratch_database("default", sqlite_alias):
        restore_dump(second, "--noinput")
        dump(third)

    compare(first, second)
    compare(second, third)
