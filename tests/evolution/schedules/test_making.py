"""What can be scheduled is found again in any process; what cannot is refused with the reason."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from dynschema.evolution import Run, Task, task_with_callable, taskinfo_with_label, tick
from dynschema.evolution.exceptions import EvolutionError
from dynschema.evolution.schedules.exceptions import NaiveTimesError
from tests.evolution.schedules.conftest import NOON
from tests.evolution.schedules.rooms import tasks
from tests.evolution.schedules.rooms.models import Bed, Note, Room, Suite, Wing

pytestmark = pytest.mark.django_db(transaction=True)

HOME = "tests.evolution.schedules.rooms"
UUID_KEY = UUID("12345678123456781234567812345678")


def notes():
    return list(Note.objects.values_list("text", "details"))


# What is called, and with what


@pytest.mark.parametrize("as_path", [False, True], ids=["object", "path"])
@pytest.mark.parametrize(
    "case",
    [
        (tasks.daily_maintenance, "tasks.daily_maintenance", "function", {"a": 1}, "daily"),
        (tasks.sweep, "tasks.sweep", "function", {}, "swept"),
        (tasks.wrapped, "tasks.wrapped", "function", {}, "wrapped"),
        (tasks.water, "tasks.water", "function", {"litres": 2}, "watered fern"),
        (tasks.Broom.lean, "tasks.Broom.lean", "staticmethod", {}, "leans"),
        (Room.lock_up, "models.Room.lock_up", "staticmethod", {}, "locked"),
        (Room.clean_all, "models.Room.clean_all", "classmethod", {}, "all Room"),
    ],
)
def test_a_callable_is_named_stored_and_called(case, as_path, schedule):
    given, path, kind, userdata, expected = case
    task = schedule(f"{HOME}.{path}" if as_path else given, userdata=userdata)

    run = task.run_asap()

    assert (task.label, task.funcinfo["func_type"]) == (f"{HOME}.{path}", kind)
    assert task.funcinfo["func_path"] == f"{HOME}.{path}"
    assert (run.status, run.name, run.kind) == ("succeeded", task.label, "task")
    assert [text for text, _ in notes()] == [expected]


def test_a_message_holds_the_task_and_goes_by_both_names(schedule):
    task = schedule(Room.clean_all)
    same = schedule(Room.lock_up)

    first, second = task.run_asap(), same.run_asap()

    assert notes() == [
        ("all Room", {"id": task.pk, "run": str(first.pk)}),
        ("locked", {"id": same.pk, "run": str(second.pk)}),
    ]


def test_the_user_data_come_with_the_task_or_as_arguments(schedule):
    schedule(tasks.daily_maintenance, userdata={"colour": "red"}).run_asap()
    schedule(tasks.water, userdata={"litres": 2, "plant": "palm"}).run_asap()

    assert notes() == [("daily", {"colour": "red"}), ("watered palm", {"litres": 2})]


@pytest.mark.parametrize(
    "case",
    [
        (Room, 7, 7, "room hall"),
        (Suite, UUID_KEY, str(UUID_KEY), f"suite {UUID_KEY}"),
        (Wing, "east", "east", "wing east"),
    ],
)
@pytest.mark.parametrize("way", ["method", "path", "class"])
def test_a_method_of_an_instance_is_called_on_it(case, way, schedule):
    model, pk, stored, expected = case
    owner = model.objects.create(pk=pk)
    path = f"{HOME}.models.{model.__name__}.clean_up"

    if way == "method":
        task = schedule(owner.clean_up)
    else:
        task = schedule(path if way == "path" else model.clean_up, pk=pk)
    run = task.run_asap()

    assert taskinfo_with_label(path) == {
        "func_type": "instancemethod",
        "module_name": f"{HOME}.models",
        "class_name": model.__name__,
        "class_path": f"{HOME}.models.{model.__name__}",
        "func_name": "clean_up",
        "func_path": path,
        "model_pk": stored,
    }
    assert run.status == "succeeded"
    assert [text for text, _ in notes()] == [expected]


def test_a_method_may_have_arguments(schedule):
    room = Room.objects.create(name="attic")

    schedule(room.air, userdata={"minutes": 10}).run_asap()

    assert notes() == [("aired attic", {"minutes": 10})]


def test_a_registered_work_goes_through_its_items(schedule):
    Room.objects.bulk_create([Room(name="a"), Room(name="b")])

    run = schedule(tasks.RenameRooms, userdata={"prefix": "big "}).run_asap()

    assert (run.status, run.done_count) == ("succeeded", 2)
    assert list(Room.objects.order_by("pk").values_list("name", flat=True)) == ["big a", "big b"]


def test_an_instance_that_is_gone_is_an_error_of_the_run(schedule):
    room = Room.objects.create()
    task = schedule(room.clean_up, label="Clean the hall")
    pk = room.pk
    room.delete()

    run = task.run_asap()

    assert (run.status, run.error_message) == (
        "errored",
        (
            f'[dynschema.E565] The schedule "Clean the hall" calls {HOME}.models.Room.clean_up '
            f"of the rooms.Room with primary key {pk}, which is gone. Delete the schedule, or "
            "create it anew for another instance."
        ),
    )


def test_a_task_is_not_active_before_it_is_saved():
    task_with_callable(tasks.sweep)

    assert (Task.objects.count(), tick(NOON)) == (0, [])


# What is refused


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "pk", "name", "reason"),
    [
        (
            f"{HOME}.tasks.swep",
            None,
            f"{HOME}.tasks.swep",
            f"module '{HOME}.tasks' has no attribute 'swep'",
        ),
        ("os.system", None, "os.system", "that is not in an installed app"),
        (
            f"{HOME}.tasks.wraps",
            None,
            f"{HOME}.tasks.wraps",
            "it is no callable of an installed app",
        ),
        ("sweep", None, "sweep", "that is not in an installed app"),
        (
            tasks.nameless,
            None,
            f"{HOME}.tasks.<lambda>",
            f"module '{HOME}.tasks' has no attribute '<lambda>'",
        ),
        (Room, None, f"{HOME}.models.Room", "it is a class"),
        (
            tasks.Broom.sweep,
            None,
            f"{HOME}.tasks.Broom.sweep",
            "its instances are not stored anywhere",
        ),
        (
            tasks.Broom().sweep,
            None,
            f"{HOME}.tasks.Broom.sweep",
            "its instances are not stored anywhere",
        ),
        (
            Room.clean_up,
            None,
            f"{HOME}.models.Room.clean_up",
            "an instance method needs the primary key of a saved instance as pk_override",
        ),
        (
            Room().clean_up,
            None,
            f"{HOME}.models.Room.clean_up",
            "an instance method needs the primary key of a saved instance as pk_override",
        ),
        (
            f"{HOME}.models.Bed.make",
            (1, 2),
            f"{HOME}.models.Bed.make",
            "the primary key of its model is composite, and a schedule keeps a single value",
        ),
        (
            Bed(room_id=1, number=2).make,
            None,
            f"{HOME}.models.Bed.make",
            "the primary key of its model is composite, and a schedule keeps a single value",
        ),
        (
            Room.clean_up,
            b"x",
            f"{HOME}.models.Room.clean_up",
            "a primary key of type bytes cannot be kept as JSON",
        ),
        (tasks.sweep, 5, f"{HOME}.tasks.sweep", "pk_override is not for a function"),
        (
            Room.clean_all,
            5,
            f"{HOME}.models.Room.clean_all",
            "pk_override is not for a classmethod",
        ),
        (
            tasks.hurry,
            None,
            f"{HOME}.tasks.hurry",
            "a call would only make a coroutine or a generator",
        ),
        (7, None, "7", "it has no name"),
    ],
)
def test_what_cannot_be_called_is_refused(given, pk, name, reason):
    with pytest.raises(ValueError, match="cannot be scheduled") as refused:
        task_with_callable(given, pk_override=pk)

    assert str(refused.value) == (
        f"[dynschema.E562] {name} cannot be scheduled: {reason}. Give a function, a static or "
        "class method, a method of a saved model instance, a registered work, or the dotted path "
        "of one."
    )


def test_what_has_no_name_is_refused():
    with pytest.raises(ValueError, match=r"^\[dynschema.E562\] functools.partial.*it has no name"):
        task_with_callable(tasks.hurried)


def test_a_function_that_its_path_does_not_lead_to_is_refused(monkeypatch):
    other = tasks.sweep
    monkeypatch.setattr(tasks, "sweep", tasks.water)

    with pytest.raises(ValueError, match="its path leads to something else"):
        task_with_callable(other)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "userdata", "reason"),
    [
        (tasks.daily_maintenance, [1], "the user data are [1], and not a dict"),
        (
            tasks.daily_maintenance,
            {"day": date(2026, 11, 20)},
            '"day" is not JSON (Object of type date is not JSON serializable)',
        ),
        (tasks.sweep, {"room": 1}, "got an unexpected keyword argument 'room'"),
        (tasks.water, {}, "missing a required argument: 'litres'"),
        (tasks.water, {"litres": "two"}, "\"litres\" is 'two', and not int"),
        (tasks.RenameRooms, {}, "missing a required argument: 'prefix'"),
    ],
)
def test_user_data_that_do_not_fit_are_refused(given, userdata, reason):
    with pytest.raises(ValueError, match="do not fit") as refused:
        task_with_callable(given, label="x", userdata=userdata)

    assert str(refused.value) == (
        f'[dynschema.E504] The arguments for "x" do not fit: {reason}. '
        "Nothing was launched; correct them."
    )


def test_a_method_refuses_arguments_that_it_does_not_have():
    room = Room.objects.create()

    with pytest.raises(ValueError, match="do not fit: \"minutes\" is 'ten', and not int"):
        task_with_callable(room.air, userdata={"minutes": "ten"})


def test_a_bad_line_is_refused_where_it_is_given_and_where_it_is_saved(schedule, stored):
    task = schedule()

    with pytest.raises(ValueError, match=r"60 \* \* \* \*"):
        task_with_callable(tasks.sweep, schedule="60 * * * *")
    task.schedule = "every day"
    with pytest.raises(ValueError, match='"every day" is not valid: it has 2 fields'):
        task.save()

    assert stored().schedule == "*/10 * * * *"


def test_a_site_without_time_zones_has_no_schedules(schedule, settings):
    settings.USE_TZ = False

    with pytest.raises(NaiveTimesError) as refused:
        task_with_callable(tasks.sweep, "Sweep").save()

    assert str(refused.value) == (
        '[dynschema.E567] The schedule "Sweep" cannot be stored: USE_TZ is False, and a time '
        "without a zone is not told from that an hour later when clocks are put back. Set "
        "USE_TZ = True."
    )


def test_a_label_is_there_once(schedule):
    schedule(label="Sweep")

    with pytest.raises(EvolutionError) as refused:
        schedule(label="Sweep")

    assert str(refused.value) == (
        '[dynschema.E564] There is a schedule labelled "Sweep" already. '
        "Give this one another label, or change that one."
    )


def test_there_is_no_info_for_an_unknown_label():
    with pytest.raises(Task.DoesNotExist, match='There is no schedule labelled "Sweep"'):
        taskinfo_with_label("Sweep")


# A few times, and then no more


def test_what_runs_once_runs_at_the_next_tick_and_is_forgotten():
    task = Task.run_once(tasks.water, {"litres": 1})

    now = timezone.now()
    [run] = tick(now)
    there = Task.objects.filter(pk=task.pk).exists()
    later = tick(now + timedelta(hours=1))

    assert (run.name, run.status) == (task.label, "succeeded")
    assert task.label.startswith(f"{HOME}.tasks.water ")
    assert (there, later, notes()) == (False, [], [("watered fern", {"litres": 1})])


def test_what_failed_stays_to_be_looked_at():
    task = Task.run_once(tasks.fail)

    [run] = tick(timezone.now())

    task.refresh_from_db()
    assert (run.status, task.enabled, task.finished_at is not None) == ("errored", False, True)


def test_a_few_iterations_follow_the_schedule_and_end():
    start = timezone.now()
    Task.run_iterations(tasks.sweep, 3, "Three times", schedule="0 * * * *")

    made = [len(tick(start + timedelta(hours=n))) for n in range(1, 6)]

    assert made == [1, 1, 1, 0, 0]
    assert (Task.objects.count(), Run.objects.filter(name="Three times").count()) == (0, 3)


def test_a_delay_is_waited_for():
    start = timezone.now()
    moment = start + timedelta(hours=2)

    Task.run_once(tasks.sweep, delay_until=moment)

    before, after = tick(moment - timedelta(seconds=1)), tick(moment)
    assert (len(before), len(after)) == (0, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        (datetime(2020, 1, 1, tzinfo=UTC), "in the past, at 2020-01-01 00:00:00+00:00"),
        ("tomorrow", "at 'tomorrow', which is no datetime.datetime instance"),
        (datetime(2200, 1, 1), "at 2200-01-01 00:00:00, which has no time zone"),  # noqa: DTZ001
    ],
)
def test_a_delay_that_makes_no_sense_is_refused(moment, reason):
    with pytest.raises(ValueError, match="Task cannot start running") as refused:
        Task.run_once(tasks.sweep, delay_until=moment)

    assert str(refused.value) == (
        f"[dynschema.E563] Task cannot start running {reason}. "
        "Give delay_until as an aware datetime to come."
    )
    assert Task.objects.count() == 0


def test_an_unknown_word_is_refused():
    with pytest.raises(TypeError, match="unexpected keyword argument 'delay'"):
        Task.run_iterations(tasks.sweep, delay=3)
