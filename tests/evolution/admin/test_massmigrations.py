"""The pages "Manage migrations" show mass migrations, start them and follow them."""

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from dynschema.evolution import Run
from dynschema.evolution.massmigrations.loader import find
from tests.evolution.admin.visitors import buttons, messages_after, post, text_of, visitor
from tests.evolution.runs.stock.models import Item

pytestmark = pytest.mark.django_db(transaction=True)

MANAGE = "/admin/dynschema_evolution/run/massmigrations/"


def detail(name, alias="default"):
    return reverse("admin:massmigration_detail", args=[f"shop:{name}", alias])


def run_page(name, alias="default"):
    return reverse("admin:massmigration_run", args=[f"shop:{name}", alias])


def test_the_list_of_runs_leads_to_them():
    response = visitor("view").get("/admin/dynschema_evolution/run/")

    assert f'<a href="{MANAGE}">Manage migrations</a>' in response.content.decode()


def test_all_are_shown_with_their_status(waiting):
    find("shop:0001_open").launch("default")

    response = visitor("view").get(MANAGE)

    rows = [(row.migration.key, row.record.in_words) for row in response.context["rows"]]
    assert rows == [
        ("shop:0001_open", "enqueued"),
        ("shop:0002_count", "not run"),
        ("shop:0003_in_bulk", "not run"),
        ("shop:0004_by_hand", "not run"),
        ("shop:0005_elsewhere", "not run"),
    ]
    assert (buttons(response), "Run…" in text_of(response)) == ([], False)
    assert '<meta http-equiv="refresh" content="3">' in response.content.decode()


def test_those_who_may_find_buttons(waiting):
    find("shop:0001_open").launch("default")

    response = visitor("add", "change").get(MANAGE)

    assert (buttons(response), text_of(response).count("Run…")) == (["pause", "cancel"], 4)


def test_one_is_run_after_a_question():
    client = visitor("view", "add")

    asked = text_of(client.get(run_page("0001_open")))
    before = Run.objects.count()
    response = post(client, run_page("0001_open"))

    assert "Put a sign on the door. It will run on database default, by the engine inline." in asked
    assert "That engine executes at once" in asked
    run = Run.objects.get()
    assert (before, run.status, run.triggered_by) == (0, "succeeded", "staff-view-add")
    assert response.url == detail("0001_open")
    assert messages_after(client, response) == ["shop:0001_open: applied."]


def test_one_is_handed_to_an_engine(waiting):
    client = visitor("view", "add")

    asked = text_of(client.get(run_page("0001_open")))
    response = post(client, run_page("0001_open"))

    assert ("engine manual" in asked, "executes at once" in asked) == (True, False)
    assert messages_after(client, response) == ["shop:0001_open: enqueued."]


def test_one_is_run_when_the_transaction_around_the_request_is_committed():
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        post(visitor("view", "add"), run_page("0001_open"))
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False

    assert Run.objects.get().status == "succeeded"


def test_an_error_is_a_message_and_on_the_page():
    Item.objects.create(name="bad")
    find("shop:0001_open").launch("default")
    client = visitor("view", "add", "change")

    response = post(client, run_page("0002_count"))

    assert messages_after(client, response) == ["shop:0002_count: ValueError: it is bad"]
    page = client.get(response.url)
    assert buttons(page) == ["resume", "cancel"]
    assert "On database default: errored." in text_of(page)
    assert "Traceback (most recent call last):" in text_of(page)
    assert "Run…" not in text_of(page)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("0001_open", "[dynschema.E530] Mass migration"),
        ("0003_in_bulk", "[dynschema.E530] Mass migration"),
    ],
)
def test_what_was_started_is_not_started_again(name, message):
    Item.objects.create(name="bad")
    find(f"shop:{name}").launch("default")
    client = visitor("view", "add")

    response = post(client, run_page(name))

    [shown] = messages_after(client, response)
    assert shown.startswith(message)
    assert Run.objects.count() == 1


def test_what_waits_for_another_is_refused():
    client = visitor("view", "add")

    response = post(client, run_page("0002_count"))

    assert messages_after(client, response) == [
        (
            '[dynschema.E531] Mass migration "shop:0002_count" depends on "shop:0001_open", which '
            'is not applied to database "default". Run that first: manage.py massmigrate run '
            "shop:0001_open --database=default."
        )
    ]


def test_the_details_tell_what_it_depends_on():
    text = text_of(visitor("view").get(detail("0002_count")))

    assert "Count every item once. The sign counts as well." in text
    assert "Depends on shop:0001_open : not run" in text


def test_the_details_show_progress_and_load_themselves_again(waiting):
    find("shop:0001_open").launch("default")
    Run.objects.update(status="running", done_count=500, total_count=1_000, seconds_running=10)

    response = visitor("view").get(detail("0001_open"))

    assert "running , 500 of 1,000 items (50%), 50/s, 10 s left" in text_of(response)
    assert '<progress max="100" value="50"' in response.content.decode()
    assert '<meta http-equiv="refresh" content="3">' in response.content.decode()


def test_a_button_of_the_details_returns_to_them(waiting):
    run = find("shop:0001_open").launch("default")
    client = visitor("change")
    content = client.get(detail("0001_open")).content.decode()

    control = reverse("admin:dynschema_evolution_run_control", args=[run.pk])
    response = post(client, control, action="pause", next=detail("0001_open"))

    assert f'<input type="hidden" name="next" value="{detail("0001_open")}">' in content
    assert (response.url, Run.objects.get().status) == (detail("0001_open"), "paused")


def test_each_database_is_run_for_itself(archive):
    client = visitor("view", "add")

    post(client, run_page("0001_open", "archive"))

    rows = client.get(MANAGE).context["rows"]
    shown = [(row.record.database, row.record.in_words) for row in rows[:2]]
    assert shown == [("default", "not run"), ("archive", "applied")]
    assert (Run.objects.count(), Run.objects.using("archive").count()) == (0, 1)


def test_a_database_without_the_table_is_named(archive):
    with connections["archive"].schema_editor() as editor:
        editor.delete_model(Run)

    shown = [visitor("view").get(url) for url in (MANAGE, detail("0001_open", "archive"))]

    command = "migrate dynschema_evolution --database=archive"
    assert [text_of(response).count(command) for response in shown] == [1, 1]
    rows = shown[0].context["rows"]
    assert [(row.record.database, row.record.in_words) for row in rows[:2]] == [
        ("default", "not run"),
        ("archive", "no table for runs"),
    ]


def test_there_are_no_pages_of_what_is_not_there():
    client = visitor("view", "add")

    answers = [
        client.get(detail("0009_gone")).status_code,
        client.get(detail("0001_open", "attic")).status_code,
        client.get(run_page("0009_gone")).status_code,
    ]

    assert answers == [404, 404, 404]


def test_only_those_who_may_run_them():
    answers = {
        "view": post(visitor("view"), run_page("0001_open")).status_code,
        "change": post(visitor("change"), run_page("0001_open")).status_code,
        "nobody": visitor().get(MANAGE).status_code,
        "details": visitor("add").get(detail("0001_open")).status_code,
        "guest": Client().get(MANAGE).status_code,
        "forged": visitor("add", "view").post(run_page("0001_open")).status_code,
    }

    assert Run.objects.count() == 0
    assert answers == {
        "view": 403,
        "change": 403,
        "nobody": 403,
        "details": 403,
        "guest": 302,
        "forged": 403,
    }
