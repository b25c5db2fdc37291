"""Programs can ask and start; what they are told is what happens then."""

import pytest

from dynschema.evolution import Options, Run, cancel
from dynschema.evolution.massmigrations import api
from dynschema.evolution.massmigrations.exceptions import MigrationAlreadyStarted

pytestmark = pytest.mark.django_db(transaction=True)


def answers(migration):
    return {
        "applied": api.migration_is_applied(migration, "default"),
        "started": api.migration_was_started(migration, "default"),
        "in progress": api.migration_is_in_progress(migration, "default"),
        "can start": api.can_start_migration(migration, "default"),
    }


def test_a_migration_is_started_by_a_program():
    migration = api.get_migration("shop:0001_open")
    before = answers(migration)

    record = api.initiate_migration(migration, "default", Options(triggered_by="robot"))

    assert (record.is_applied, record.run.triggered_by) == (True, "robot")
    assert before == {"applied": False, "started": False, "in progress": False, "can start": True}
    assert answers(migration) == {
        "applied": True,
        "started": True,
        "in progress": False,
        "can start": False,
    }


@pytest.mark.parametrize(
    ("status", "is_under_way"), [("enqueued", True), ("paused", True), ("errored", False)]
)
def test_what_can_be_started_is_started_and_nothing_else(waiting, status, is_under_way):
    migration = api.get_migration("shop:0001_open")
    record = api.initiate_migration(migration, "default")
    Run.objects.update(status=status)

    assert answers(migration) == {
        "applied": False,
        "started": True,
        "in progress": is_under_way,
        "can start": False,
    }
    with pytest.raises(MigrationAlreadyStarted):
        api.initiate_migration(migration, "default")
    cancel(record.run)
    assert api.can_start_migration(migration, "default")
    assert api.initiate_migration(migration, "default").run != record.run


def test_all_migrations_are_given_in_their_order():
    assert [each.key for each in api.get_all_migrations()][:2] == [
        "shop:0001_open",
        "shop:0002_count",
    ]
