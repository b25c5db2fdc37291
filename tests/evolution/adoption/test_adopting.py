"""What Sisy, massmigration and django-post-deploy have recorded is taken over once."""

import io
import json
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from dynschema.evolution import Run, Task, tick
from tests.evolution.schedules.rooms.models import Note, Room
from tests.support.missing_tables import without_table

pytestmark = pytest.mark.django_db(transaction=True)

HOME = "tests.evolution.schedules.rooms"
DONE, FAILED, GOING = (UUID(int=n) for n in (1, 2, 3))
EARLY, LATE = "2025-03-01 10:00:00+00:00", "2025-03-01 10:05:00+00:00"
NEVER, FOR_EVER = "1970-01-01 00:00:00+00:00", "2217-12-31 23:59:00+00:00"
SUMMARY = "Stop the heartbeat of Sisy; remove the packages from your settings."

TABLES = {
    "sisy_task": """
        id integer PRIMARY KEY, created_at {time} NOT NULL, modified_at {time} NOT NULL,
        label varchar(255) NOT NULL, schedule varchar(80) NOT NULL, last_run {time},
        next_run {time}, enabled {bool} NOT NULL, _func_info text NOT NULL,
        _extra_data text, wait_for_schedule {bool} NOT NULL, iterations integer NOT NULL,
        allow_overlap {bool} NOT NULL, running {bool} NOT NULL, start_running {time} NOT NULL,
        end_running {time} NOT NULL""",
    "massmigration_migrationrecord": """
        key varchar(250) PRIMARY KEY, app_label varchar(100) NOT NULL, name varchar(150) NOT NULL,
        attempt_uuid {uuid} NOT NULL, initiated_at {time} NOT NULL, in_progress {bool},
        is_applied {bool} NOT NULL, applied_at {time}, has_error {bool} NOT NULL,
        last_error text NOT NULL, was_faked {bool} NOT NULL""",
    "post_deploy_postdeploylog": """
        uuid {uuid} PRIMARY KEY, import_name varchar(255) NOT NULL, created_at {time} NOT NULL,
        started_at {time}, completed_at {time}, task_id {uuid}, has_error {bool} NOT NULL,
        message text""",
}
TYPES = {
    "sqlite": {"time": "datetime", "bool": "bool", "uuid": "char(32)"},
    "postgresql": {"time": "timestamptz", "bool": "boolean", "uuid": "uuid"},
}


@pytest.fixture
def installed(transactional_db):
    """Make the tables of the other packages, as their migrations leave them."""
    with connection.cursor() as cursor:
        for table, columns in TABLES.items():
            cursor.execute(f"CREATE TABLE {table} ({columns.format(**TYPES[connection.vendor])})")
    yield insert
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DROP TABLE {table}")


def insert(table, **values):
    marks = ", ".join(["%s"] * len(values))
    sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"
    with connection.cursor() as cursor:
        cursor.execute(sql, [as_stored(each) for each in values.values()])


def as_stored(value):
    if isinstance(value, UUID):
        return value.hex if connection.vendor == "sqlite" else value
    return value


def insert_action(key, name, **values):
    stored = {"created_at": EARLY, "started_at": EARLY, "has_error": False, "message": ""}
    insert("post_deploy_postdeploylog", uuid=key, import_name=name, **(stored | values))


def insert_migration(key, name, **values):
    app, _, short = name.partition(":")
    stored = {
        "app_label": app,
        "name": short,
        "attempt_uuid": key,
        "initiated_at": EARLY,
        "is_applied": False,
        "has_error": False,
        "last_error": "",
        "was_faked": False,
    }
    insert("massmigration_migrationrecord", key=name, **(stored | values))


def insert_task(pk, label, info, **values):
    stored = {
        "created_at": EARLY,
        "modified_at": EARLY,
        "schedule": "30 0 * * *",
        "last_run": EARLY,
        "next_run": LATE,
        "enabled": True,
        "_func_info": json.dumps(info),
        "_extra_data": "{}",
        "wait_for_schedule": True,
        "iterations": 0,
        "allow_overlap": True,
        "running": False,
        "start_running": NEVER,
        "end_running": FOR_EVER,
    }
    insert("sisy_task", id=pk, label=label, **(stored | values))


def function(name):
    path = f"{HOME}.tasks"
    return {
        "func_type": "function",
        "module_name": path,
        "func_name": name,
        "func_path": f"{path}.{name}",
    }


def adopt(*arguments):
    written = io.StringIO()
    call_command("adopt_records", "--database=default", *arguments, stdout=written)
    return written.getvalue().splitlines()


def outcomes():
    columns = ("name", "kind", "status", "error_class", "error_message", "triggered_by")
    return sorted(Run.objects.values_list(*columns))


NOT_ENDED = "It had not ended when its record was taken over; whether it did its work is not known."


def test_actions_count_as_they_ended(installed):
    insert_action(DONE, "shop.post_deploy.fill", completed_at=LATE)
    insert_action(
        FAILED,
        "shop.post_deploy.mail",
        completed_at=LATE,
        has_error=True,
        message="smtplib.SMTPException: no route\nTraceback ...",
    )
    insert_action(GOING, "shop.post_deploy.sort")
    insert_action(
        UUID(int=4), "shop.post_deploy.tidy", completed_at=LATE, message="Manually skipped."
    )

    written = adopt()

    assert written == [
        "default: post-deploy action shop.post_deploy.fill: taken over, succeeded",
        "default: post-deploy action shop.post_deploy.mail: taken over, errored: no route",
        f"default: post-deploy action shop.post_deploy.sort: taken over, errored: {NOT_ENDED}",
        "default: post-deploy action shop.post_deploy.tidy: taken over, skipped",
        "4 taken over, 0 there already, 0 not taken over.",
        SUMMARY,
    ]
    kept = ("shop.post_deploy.", "action", "adopt_records")
    assert outcomes() == [
        (f"{kept[0]}fill", "action", "succeeded", "", "", kept[2]),
        (f"{kept[0]}mail", "action", "errored", "smtplib.SMTPException", "no route", kept[2]),
        (f"{kept[0]}sort", "action", "errored", "", NOT_ENDED, kept[2]),
        (f"{kept[0]}tidy", "action", "skipped", "", "", kept[2]),
    ]
    failed = Run.objects.get(pk=FAILED)
    assert (failed.traceback, failed.created_at.isoformat()) == (
        "Traceback ...",
        "2025-03-01T10:00:00+00:00",
    )


def test_mass_migrations_count_as_they_ended(installed):
    insert_migration(DONE, "shop:0001_fill", is_applied=True, applied_at=LATE)
    # massmigration itself calls this one applied, though rows have failed.
    insert_migration(
        FAILED, "shop:0002_mend", is_applied=True, has_error=True, last_error="ValueError: row 2"
    )
    insert_migration(GOING, "shop:0003_sort")
    insert_migration(UUID(int=4), "shop:0004_skip", is_applied=True, was_faked=True)

    adopt()

    by = "adopt_records"
    assert outcomes() == [
        ("shop:0001_fill", "migration", "succeeded", "", "", by),
        ("shop:0002_mend", "migration", "errored", "ValueError", "row 2", by),
        ("shop:0003_sort", "migration", "errored", "", NOT_ENDED, by),
        ("shop:0004_skip", "migration", "skipped", "", "", by),
    ]
    assert {run.name for run in Run.objects.all() if run.is_done} == {
        "shop:0001_fill",
        "shop:0004_skip",
    }


def test_tasks_go_on_at_the_same_moments(installed):
    insert_task(1, "Daily", function("daily_maintenance"), _extra_data='{"a": 1}')
    insert_task(2, "Asleep", function("sweep"), enabled=False)

    written = adopt()

    daily, asleep = Task.objects.get(label="Daily"), Task.objects.get(label="Asleep")
    # Sisy reads the line in UTC, whatever the time zone of the site.
    assert (daily.timezone, daily.next_run.strftime("%H:%M %Z")) == ("UTC", "00:30 UTC")
    assert (daily.schedule, daily.userdata, daily.allow_overlap) == ("30 0 * * *", {"a": 1}, True)
    assert (daily.start_running, daily.end_running, daily.last_run.year) == (None, None, 2025)
    assert (asleep.enabled, asleep.next_run) == (False, None)
    assert written[1:3] == [
        "default: Sisy task Asleep: taken over, disabled",
        "2 taken over, 0 there already, 0 not taken over.",
    ]


def test_a_task_that_was_taken_over_runs_and_is_no_more_than_due(installed):
    room = Room.objects.create()
    info = {
        "func_type": "instancemethod",
        "module_name": f"{HOME}.models",
        "class_name": "Room",
        "class_path": f"{HOME}.models.Room",
        "model_pk": room.pk,
        "func_name": "clean_up",
        "func_path": f"{HOME}.models.Room.clean_up",
    }
    insert_task(1, "Clean", info, schedule="* * * * *")
    adopt()
    due = Task.objects.get().next_run

    made = [len(tick(moment)) for moment in (due.replace(second=0), due)]

    assert made == [1, 0]
    assert Note.objects.get().text == "room hall"


def test_the_same_label_twice_becomes_two(installed):
    insert_task(1, "Sweep", function("sweep"))
    insert_task(2, "Sweep", function("sweep"))

    adopt()

    assert list(Task.objects.values_list("label", flat=True)) == ["Sweep", "Sweep (Sisy 2)"]


def test_a_task_whose_code_is_gone_is_kept_but_disabled(installed):
    insert_task(1, "Gone", function("polish"))

    [line, *_] = adopt()

    assert line.startswith("default: Sisy task Gone: taken over, disabled: [dynschema.E501] ")
    assert Task.objects.get().enabled is False


def test_a_second_time_adds_nothing(installed):
    insert_action(DONE, "shop.post_deploy.fill", completed_at=LATE)
    insert_migration(FAILED, "shop:0001_fill", is_applied=True)
    insert_task(1, "Daily", function("sweep"))
    adopt()
    before = list(Run.objects.values()), list(Task.objects.values())

    written = adopt()

    assert written == [
        "default: post-deploy action shop.post_deploy.fill: there already, succeeded",
        "default: mass migration shop:0001_fill: there already, succeeded",
        "default: Sisy task Daily: there already",
        "0 taken over, 3 there already, 0 not taken over.",
    ]
    assert (list(Run.objects.values()), list(Task.objects.values())) == before


def test_what_has_ended_since_is_brought_up_to_date(installed):
    insert_action(GOING, "shop.post_deploy.sort")
    adopt()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE post_deploy_postdeploylog SET completed_at = %s", [LATE])

    first, *_ = adopt()

    assert first == "default: post-deploy action shop.post_deploy.sort: taken over, succeeded"
    assert (Run.objects.get().status, Run.objects.get().error_message) == ("succeeded", "")


def test_a_dry_run_shows_the_same_and_stores_nothing(installed):
    insert_action(DONE, "shop.post_deploy.fill", completed_at=LATE)
    insert_task(1, "Daily", function("sweep"))

    written = adopt("--dry-run")

    assert written[0] == "default: post-deploy action shop.post_deploy.fill: taken over, succeeded"
    assert written[-2:] == [
        "2 taken over, 0 there already, 0 not taken over.",
        "This was a dry run: nothing was stored.",
    ]
    assert (Run.objects.count(), Task.objects.count()) == (0, 0)


def test_what_makes_no_sense_is_said_and_the_rest_is_taken_over(installed):
    insert_task(1, "Spoilt", function("sweep"), schedule="often")
    insert_task(2, "Sound", function("sweep"))

    with pytest.raises(CommandError) as refused:
        adopt()

    assert (str(refused.value), refused.value.returncode) == (
        "Some records were not taken over, see above.",
        1,
    )
    assert list(Task.objects.values_list("label", flat=True)) == ["Sound"]


def test_where_nothing_is_there_nothing_is_done():
    assert adopt() == ["0 taken over, 0 there already, 0 not taken over."]


def test_a_missing_table_of_runs_is_said_with_the_command(installed):
    insert_action(DONE, "shop.post_deploy.fill", completed_at=LATE)

    command = "migrate dynschema_evolution --database=default"
    with without_table(Run), pytest.raises(CommandError, match=command):
        adopt()
