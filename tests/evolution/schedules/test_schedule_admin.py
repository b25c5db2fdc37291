"""The pages of schedules show how they stand, and their buttons do what they say."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from dynschema.evolution import Run, Task
from tests.evolution.schedules.conftest import NOON
from tests.evolution.schedules.rooms import tasks
from tests.evolution.schedules.rooms.models import Note, Room

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/dynschema_evolution/task/"
FORM = {
    "userdata": "{}",
    "schedule": "0 5 * * *",
    "timezone": "Asia/Tokyo",
    "enabled": "on",
    "wait_for_schedule": "on",
    "iterations": "0",
}


def page(task, view="change"):
    return f"{LIST}{task.pk}/{view}/"


def text_of(response):
    plain = re.sub(r"<[^>]*>", " ", response.content.decode().partition("<main")[2])
    return " ".join(plain.split())


def messages_of(client, address):
    return [str(each) for each in client.get(address).context["messages"]]


@pytest.fixture
def client_with(client):
    """Log somebody in who has these permissions."""

    def log_in(*codenames):
        user = User.objects.create_user("ann", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(user)
        return client

    return log_in


def test_the_list_shows_how_each_stands(admin_client, schedule):
    schedule(label="Sound").run_asap()
    schedule(tasks.fail, label="Broken").run_asap()
    schedule(label="Asleep", enabled=False)
    schedule(label="Over", end_running=NOON)

    response = admin_client.get(LIST)

    rows = response.context["cl"].result_list
    shown = response.context["cl"].model_admin
    assert [(each.label, shown.state(each), shown.last_outcome(each)) for each in rows] == [
        ("Asleep", "disabled", "-"),
        ("Broken", "enabled", "errored"),
        ("Over", "finished", "-"),
        ("Sound", "enabled", "succeeded"),
    ]


def test_the_list_asks_no_question_for_each_row(
    admin_client, schedule, django_assert_max_num_queries
):
    for number in range(20):
        schedule(label=str(number))

    with django_assert_max_num_queries(8):
        admin_client.get(LIST)


def test_the_page_shows_what_is_called_and_the_last_runs(admin_client, schedule):
    room = Room.objects.create()
    task = schedule(room.clean_up, label="Clean")
    run = task.run_asap("bob")
    broken = schedule(tasks.fail, label="Broken")
    broken.run_asap()

    response, other = admin_client.get(page(task)), admin_client.get(page(broken))

    assert f"tests.evolution.schedules.rooms.models.Room.clean_up ({room.pk})" in text_of(response)
    assert reverse("admin:dynschema_evolution_run_change", args=[run.pk]) in str(response.content)
    assert "succeeded, 1 of 1 items (100%)" in text_of(response)
    assert "ValueError: the bucket is empty" in text_of(other)
    assert "raise ValueError" in text_of(other)


@pytest.mark.parametrize(
    "case",
    [
        ("run", "Sweep: succeeded.", True, 1),
        ("disable", "Sweep: disabled.", False, 0),
        ("enable", "Sweep: enabled.", True, 0),
    ],
)
def test_a_button_does_what_it_says(admin_client, schedule, stored, case):
    action, expected, enabled, runs = case
    task = schedule(label="Sweep", enabled=action != "enable")

    response = admin_client.post(page(task, "control"), {"action": action})

    assert (response.status_code, response["Location"]) == (302, page(task))
    assert messages_of(admin_client, page(task)) == [expected]
    assert (stored().enabled, Note.objects.count()) == (enabled, runs)
    assert list(Run.objects.values_list("triggered_by", flat=True)) == ["admin"] * runs


@pytest.mark.parametrize("action", ["run_now", "disable"])
def test_the_actions_of_the_list_do_it_to_all_that_were_chosen(admin_client, schedule, action):
    chosen = [schedule(label="A").pk, schedule(label="B").pk]
    schedule(label="C")

    admin_client.post(LIST, {"action": action, "_selected_action": chosen})

    if action == "run_now":
        assert sorted(Run.objects.values_list("name", flat=True)) == ["A", "B"]
    else:
        assert list(Task.objects.filter(enabled=False).values_list("pk", flat=True)) == chosen


def test_what_cannot_be_done_is_said(admin_client, schedule, monkeypatch):
    over = schedule(label="Over", iterations=1)
    over.run_asap()
    gone = schedule(tasks.daily_maintenance, label="Gone")
    monkeypatch.delattr(tasks, "daily_maintenance")

    admin_client.post(page(over, "control"), {"action": "enable"})
    first = messages_of(admin_client, page(over))
    admin_client.post(page(gone, "control"), {"action": "run"})
    second = messages_of(admin_client, page(gone))

    assert first == ["Over: finished; raise its iterations or move its end."]
    assert second == [
        (
            "[dynschema.E501] There is no callable named "
            '"tests.evolution.schedules.rooms.tasks.daily_maintenance": module '
            "'tests.evolution.schedules.rooms.tasks' has no attribute 'daily_maintenance'. "
            "Deploy the code that has it, or cancel the runs that ask for it."
        )
    ]


def test_a_change_is_planned_at_once(admin_client, schedule, stored):
    task = schedule()

    response = admin_client.post(page(task), FORM)

    assert response.status_code == 302
    assert (stored().schedule, stored().timezone) == ("0 5 * * *", "Asia/Tokyo")
    assert (stored().next_run.hour, stored().next_run.minute) == (20, 0)


@pytest.mark.parametrize(
    "case",
    [
        ("schedule", "often", 'The schedule "often" is not valid: it has 1 field. '),
        ("timezone", "Moon/Sea", 'There is no time zone "Moon/Sea". '),
        ("userdata", "[1]", "the user data are [1], and not a dict. "),
        ("userdata", '{"room": 1}', "got an unexpected keyword argument 'room'. "),
    ],
)
def test_what_would_not_work_is_said_at_its_field(admin_client, schedule, stored, case):
    field, value, message = case
    task = schedule()

    response = admin_client.post(page(task), {**FORM, field: value})

    errors = response.context["adminform"].form.errors
    assert list(errors) == [field]
    assert message in errors[field][0]
    assert stored().schedule == "*/10 * * * *"


def test_nobody_types_the_path_of_code_into_a_form(admin_client, schedule, stored):
    task = schedule()

    added = admin_client.get(f"{LIST}add/")
    admin_client.post(page(task), {**FORM, "label": "x", "funcinfo": '{"func_path": "os.system"}'})

    assert added.status_code == 403
    assert (stored().label, stored().funcinfo) == (task.label, task.funcinfo)


def test_who_may_only_look_has_no_buttons(client_with, schedule, stored):
    client, task = client_with("view_task"), schedule()

    shown = client.get(page(task))
    pressed = client.post(page(task, "control"), {"action": "run"})

    assert (shown.status_code, shown.context["buttons"]) == (200, [])
    assert (pressed.status_code, stored().run_count) == (403, 0)


@pytest.mark.parametrize(
    ("method", "data", "status"), [("get", {}, 405), ("post", {"action": "explode"}, 400)]
)
def test_other_requests_are_refused(admin_client, schedule, method, data, status):
    response = getattr(admin_client, method)(page(schedule(), "control"), data)

    assert response.status_code == status


def test_a_schedule_that_is_gone_is_not_found(admin_client):
    assert admin_client.post(f"{LIST}7/control/", {"action": "run"}).status_code == 404
