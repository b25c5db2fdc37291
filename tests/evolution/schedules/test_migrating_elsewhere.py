"""What a migration schedules is stored once, however many databases it is run for."""

import inspect

import pytest
from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.evolution import Task
from dynschema.evolution.dumps.scratch import scratch_database
from dynschema.test import dynamic_tables_cleaned
from tests.evolution.schedules.test_migrating import DAILY, HOME, labels, migrate  # noqa: F401
from tests.support.another_database import another_database
from tests.support.builders import survey

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other(tmp_path, monkeypatch):
    """Give the alias of an empty database."""
    # Django's test case lets nobody use a database that it did not know at its start.
    allowed = inspect.getclosurevars(BaseDatabaseWrapper.ensure_connection).nonlocals
    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", allowed["real_ensure_connection"])
    with another_database(tmp_path) as alias:
        yield alias


class RoomsElsewhere:
    """Stands for a site that has the tables of an app in another database only."""

    def allow_migrate(self, db, app_label, **hints):
        return (db == "other") if app_label == "rooms" else None


@pytest.fixture
def rooms_elsewhere(settings):
    settings.DATABASE_ROUTERS = [f"{__name__}.RoomsElsewhere"]


def migrate_other(target):
    call_command("migrate", "rooms", target, database="other", verbosity=0)


def test_the_migration_of_another_database_leaves_the_schedules_as_they_are(migrate, other):  # noqa: F811
    migrate("0002")
    before = list(Task.objects.values())

    migrate_other("0002")

    assert [each["label"] for each in before] == [DAILY]
    assert list(Task.objects.values()) == before


def test_a_schedule_is_stored_when_its_own_database_is_migrated(migrate, other):  # noqa: F811
    migrate_other("0002")
    elsewhere = labels()
    migrate("0002")

    assert (elsewhere, labels()) == ([], [DAILY])


def test_an_app_that_is_in_another_database_only_schedules_from_there(
    migrate,  # noqa: F811
    other,
    rooms_elsewhere,
):
    migrate_other("0002")

    assert labels() == [DAILY]
    migrate_other("0001")


def test_what_is_only_tried_out_schedules_nothing(migrate, other):  # noqa: F811
    with scratch_database("other"):
        tried = labels()

    assert (tried, labels()) == ([], [])


def test_a_process_keeps_its_classes_while_another_database_is_tried_out(other):
    with dynamic_tables_cleaned({"default"}):
        lunch = survey("lunch", age="integer")
        before = lunch.Response

        with scratch_database("other"):
            pass

        assert lunch.Response is before


def test_an_app_that_is_in_another_database_only_schedules_nothing_when_it_is_tried_out(
    migrate,  # noqa: F811
    other,
    rooms_elsewhere,
):
    with scratch_database("other"):
        tried = labels()

    assert (tried, labels()) == ([], [])
