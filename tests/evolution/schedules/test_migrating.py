"""The examples of Sisy's page on data migrations run, forwards and backwards, on real tables."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.writer import MigrationWriter

from dynschema.evolution import ScheduleTask, Task, taskinfo_with_label, tick
from dynschema.evolution.schedules.exceptions import MissingDependencyError
from tests.evolution.schedules.conftest import NOON
from tests.evolution.schedules.rooms import tasks
from tests.evolution.schedules.rooms.models import Note, Room

pytestmark = pytest.mark.django_db(transaction=True)

HOME = "tests.evolution.schedules.rooms"
DAILY, INSTANCE = "Daily data maintenance", "A suitably unique label for the task"


@pytest.fixture
def migrate(settings):
    """Migrate the app as the site has it that follows the page; leave it as it was."""
    settings.MIGRATION_MODULES = {"rooms": f"{HOME}.followed.migrations"}

    def run(target):
        call_command("migrate", "rooms", target, verbosity=0)

    yield run
    run("0001")


def labels():
    return list(Task.objects.values_list("label", flat=True))


def test_the_example_of_a_function_runs_and_is_reversed(migrate):
    migrate("0002")
    task = Task.objects.get()
    shown = (task.label, task.schedule, task.funcinfo["func_path"], task.userdata, task.enabled)
    planned = task.next_run
    run = task.run_asap()
    migrate("0001")

    assert shown == (DAILY, "30 0 * * *", f"{HOME}.tasks.daily_maintenance", {}, True)
    assert planned is not None
    assert (run.status, Note.objects.get().text) == ("succeeded", "daily")
    assert labels() == []


def test_the_example_of_an_instance_method_runs_and_is_reversed(migrate):
    migrate("0003")
    room = Room.objects.get()
    info = taskinfo_with_label(INSTANCE)
    run = Task.objects.get(label=INSTANCE).run_asap()
    migrate("0002")

    assert (info["func_type"], info["model_pk"]) == ("instancemethod", room.pk)
    assert (run.status, Note.objects.get().text) == ("succeeded", "room hall")
    assert (labels(), Room.objects.count()) == ([DAILY], 0)


def test_operations_schedule_class_and_static_methods(migrate):
    migrate("0004")
    kinds = {label: taskinfo_with_label(label)["func_type"] for label in ("Clean all", "Lock up")}
    [first, second] = [Task.objects.get(label=label).run_asap() for label in kinds]
    migrate("0003")

    assert kinds == {"Clean all": "classmethod", "Lock up": "staticmethod"}
    assert (first.status, second.status) == ("succeeded", "succeeded")
    assert labels() == [INSTANCE, DAILY]


def test_the_same_label_again_changes_the_schedule_and_keeps_its_count(migrate):
    migrate("0004")
    before = Task.objects.get(label="Lock up")
    before.run_asap()

    migrate("0005")

    after = Task.objects.get(label="Lock up")
    assert (after.pk, after.run_count, after.schedule) == (before.pk, 1, "0 23 * * *")
    assert (after.funcinfo["func_name"], after.userdata) == ("water", {"litres": 3})
    assert after.next_run != before.next_run


def test_a_reversal_without_the_schedule_does_nothing(migrate):
    migrate("0004")
    Task.objects.filter(label="Lock up").delete()

    migrate("0003")

    assert labels() == [INSTANCE, DAILY]


@pytest.fixture
def before_a_later_version():
    """Take away a column, as if a later migration of ours added it; give the state of then."""
    field = Task._meta.get_field("delete_when_done")
    state = MigrationExecutor(connection).loader.project_state()
    state.remove_field("dynschema_evolution", "task", field.name)
    with connection.schema_editor() as editor:
        editor.remove_field(Task, field)
    yield state
    with connection.schema_editor() as editor:
        editor.add_field(Task, field)


def test_an_old_function_runs_before_a_later_version_of_the_table(migrate, before_a_later_version):
    migrate("0002")

    label, planned = Task.objects.values_list("label", "next_run").get()
    assert label == DAILY
    assert planned is not None


def test_an_old_operation_runs_before_a_later_version_of_the_table(before_a_later_version):
    operation, state = ScheduleTask(tasks.sweep, "Sweep"), before_a_later_version

    with connection.schema_editor() as editor:
        operation.database_forwards("rooms", editor, state, state)
    stored = labels()
    with connection.schema_editor() as editor:
        operation.database_backwards("rooms", editor, state, state)

    assert (stored, labels()) == (["Sweep"], [])


def test_what_a_migration_has_stored_is_due_as_any_other(migrate):
    migrate("0004")
    Task.objects.exclude(label="Clean all").update(enabled=False)
    Task.objects.update(next_run=None, planned_as="")

    tick(NOON)
    made = tick(NOON.replace(day=21, hour=3))

    assert [run.name for run in made] == ["Clean all"]


def test_a_bad_path_stops_the_migration_and_stores_nothing():
    operation = ScheduleTask(f"{HOME}.tasks.swep", "Sweep")
    state = MigrationExecutor(connection).loader.project_state()

    with (
        pytest.raises(ValueError, match="has no attribute 'swep'"),
        connection.schema_editor() as editor,
    ):
        operation.database_forwards("rooms", editor, state, state)

    assert labels() == []


def test_a_missing_dependency_is_named():
    operation = ScheduleTask(tasks.sweep, "Sweep")
    state = MigrationExecutor(connection).loader.project_state(("rooms", "0001_initial"))

    with (
        pytest.raises(MissingDependencyError) as refused,
        connection.schema_editor() as editor,
    ):
        operation.database_forwards("rooms", editor, state, state)

    assert str(refused.value) == (
        '[dynschema.E566] The schedule "Sweep" cannot be stored yet: there is no table for '
        'schedules. Add ("dynschema_evolution", "0002_task") to the dependencies of the migration.'
    )


def test_an_operation_can_be_written_into_a_file():
    operation = ScheduleTask(tasks.sweep, "Sweep", schedule="0 4 * * *")

    written, _ = MigrationWriter.serialize(operation.deconstruct()[1])

    assert (operation.describe(), operation.migration_name_fragment) == (
        "Schedule Sweep",
        "schedule",
    )
    assert operation.deconstruct() == (
        "ScheduleTask",
        (tasks.sweep, "Sweep"),
        {"schedule": "0 4 * * *"},
    )
    assert f"{HOME}.tasks.sweep" in written
