"""What no schedule can be is refused in words, on every database alike."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from dynschema.evolution import ScheduleTask, Task, task_with_callable
from dynschema.evolution.schedules.exceptions import InvalidScheduleError, InvalidTaskError
from tests.evolution.schedules.rooms import tasks

pytestmark = pytest.mark.django_db(transaction=True)

HINT = (
    "Give five fields (minute, hour, day, month, weekday), or six with the seconds last, "
    'as "30 0 * * *" for half past midnight.'
)
LONG = "x" * 256
TOO_LONG = (
    f'[dynschema.E569] The schedule "{LONG}" cannot be stored: its label has 256 characters, more '
    "than 255. Nothing was stored; correct that."
)


@pytest.mark.parametrize("iterations", [-1, 1.5, "3", None])
def test_a_number_of_iterations_that_makes_no_sense(iterations):
    with pytest.raises(InvalidTaskError) as refused:
        Task.run_iterations(tasks.sweep, iterations, "Sweep")

    assert str(refused.value) == (
        f'[dynschema.E569] The schedule "Sweep" cannot be stored: iterations is {iterations!r}, '
        "and no whole number from 0 on. Nothing was stored; correct that."
    )
    assert isinstance(refused.value, ValueError)
    assert Task.objects.count() == 0


def test_a_label_that_is_too_long():
    with pytest.raises(InvalidTaskError) as refused:
        task_with_callable(tasks.sweep, LONG).save()

    assert str(refused.value) == TOO_LONG
    assert Task.objects.count() == 0


def test_a_label_that_is_too_long_in_a_migration():
    state = MigrationExecutor(connection).loader.project_state()

    with pytest.raises(InvalidTaskError) as refused, connection.schema_editor() as editor:
        ScheduleTask(tasks.sweep, LONG).database_forwards("rooms", editor, state, state)

    assert str(refused.value) == TOO_LONG
    assert Task.objects.count() == 0


def test_a_label_that_is_no_text():
    with pytest.raises(InvalidTaskError, match="its label is 5, and no text"):
        task_with_callable(tasks.sweep, 5).save()


@pytest.mark.parametrize(
    ("schedule", "reason"),
    [(5, "it is of the type int, and no text"), ("", "it has 0 fields")],
)
def test_a_schedule_that_is_no_cron_line(schedule, reason):
    with pytest.raises(InvalidScheduleError) as refused:
        task_with_callable(tasks.sweep, schedule=schedule)

    assert str(refused.value) == (
        f'[dynschema.E560] The schedule "{schedule}" is not valid: {reason}. {HINT}'
    )
