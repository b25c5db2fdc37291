"""Runs and schedules are read where they are written: a replica may not have them yet."""

from datetime import timedelta

import pytest
from django.db import connections

from dynschema.evolution import Options, Task, launch, resume, taskinfo_with_label, tick
from tests.evolution.massmigrations.conftest import archive
from tests.evolution.runs.stock.models import Item
from tests.evolution.runs.stock.works import CountRows
from tests.evolution.schedules.conftest import NOON, schedule

__all__ = ["archive", "schedule"]

pytestmark = pytest.mark.django_db(transaction=True)


class ReadsFromReplica:
    """The replica lags: all tables are there, and no row."""

    def db_for_read(self, model, **_):
        return "archive" if model._meta.app_label == "dynschema_evolution" else None

    def db_for_write(self, model, **_):
        return "default"

    def allow_migrate(self, db, *_, **__):
        return db == "default"


@pytest.fixture
def replica(archive, settings):
    with connections[archive].schema_editor() as editor:
        editor.create_model(Task)
    settings.DATABASE_ROUTERS = [f"{__name__}.ReadsFromReplica"]


def test_a_run_with_a_failed_item_is_launched_and_resumed(replica):
    Item.objects.bulk_create(Item(name=name) for name in ("good", "bad", "good"))

    run = launch(CountRows, options=Options(on_error="skip"))
    before = (run.status, run.done_count, run.failed_count)
    Item.objects.update(name="good")
    resume(run)

    assert before == ("errored", 2, 1)
    assert (run.status, run.done_count, run.failed_count) == ("succeeded", 3, 0)


def test_a_schedule_is_due_and_can_be_run_by_hand(replica, schedule):
    task = schedule()

    made = tick(NOON + timedelta(minutes=10))
    asked = task.run_asap()

    assert [run.status for run in [*made, asked]] == ["succeeded", "succeeded"]
    assert (task.run_count, task.running) == (2, False)
    assert taskinfo_with_label(task.label) == task.funcinfo
