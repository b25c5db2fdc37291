"""The admin of runs shows them, and lets those who may do what their status allows."""

from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from dynschema.evolution import Options, Run, launch
from dynschema.evolution.statuses import Status, allowed_actions
from tests.evolution.admin.visitors import buttons, messages_after, post, text_of, visitor
from tests.evolution.runs.stock.models import Item
from tests.evolution.runs.stock.works import CountInBulk, CountRows

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/dynschema_evolution/run/"


def page(run):
    return reverse("admin:dynschema_evolution_run_change", args=[run.pk])


def control(run):
    return reverse("admin:dynschema_evolution_run_control", args=[run.pk])


def listed(response):
    return [run.name.rpartition(".")[2] for run in response.context["cl"].result_list]


# The list


def test_runs_are_listed_with_status_and_progress():
    Item.objects.create()
    launch(CountRows, options=Options(triggered_by="ann"))

    text = text_of(visitor("view").get(LIST))

    assert "CountRows work succeeded 1 of 1 items (100%)" in text
    assert "ann" in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["CountInBulk", "CountRows"]),
        ({"status__exact": "errored"}, ["CountInBulk"]),
        ({"kind": "work"}, ["CountInBulk", "CountRows"]),
        ({"kind": "migration"}, []),
        ({"dry_run__exact": "1"}, []),
        ({"q": "bulk"}, ["CountInBulk"]),
        ({"q": "bad one"}, ["CountInBulk"]),
        ({"using": "nowhere"}, ["CountInBulk", "CountRows"]),
        ({"name": "tests.evolution.runs.stock.works.CountRows"}, ["CountRows"]),
    ],
)
def test_the_list_is_filtered(query, expected):
    launch(CountRows)
    Item.objects.create(name="bad")
    launch(CountInBulk)

    assert listed(visitor("view").get(LIST, query)) == expected


def test_the_runs_of_another_database_have_a_list_of_their_own(archive):
    launch(CountRows)
    launch(CountInBulk, using="archive")

    response = visitor("view").get(LIST, {"using": "archive"})

    assert listed(response) == ["CountInBulk"]
    assert (
        visitor("view", "delete").get(page(Run.objects.using("archive").get())).status_code == 200
    )


# The page


def test_a_page_shows_status_progress_and_the_error_with_its_traceback():
    Item.objects.create(name="<b>bad</b>")
    Item.objects.filter(name="<b>bad</b>").update(name="bad")
    run = launch(CountRows)

    response = visitor("view").get(page(run))

    text = text_of(response)
    assert "errored , 0 of 1 items (0%)" in text
    assert (
        f"ValueError: bad of {Item.objects.get().pk} (stock.Item {Item.objects.get().pk})" in text
    )
    assert "Traceback (most recent call last):" in text
    assert '<progress max="100" value="0"' in response.content.decode()


def test_a_page_shows_the_first_failed_items():
    Item.objects.bulk_create(Item(name="bad") for _ in range(25))
    run = launch(CountRows, options=Options(on_error="skip"))

    text = text_of(visitor("view").get(page(run)))

    assert text.count(": ValueError: bad of ") == 20
    assert "And 5 more." in text


def test_what_a_row_says_is_text(monkeypatch):
    run = launch(CountRows)
    Run.objects.update(status="errored", error_class="E", error_message="<script>", traceback="<b>")

    content = visitor("view").get(page(run)).content.decode()

    assert "E: &lt;script&gt;" in content
    assert "<pre>&lt;b&gt;</pre>" in content


@pytest.mark.parametrize("status", Status)
def test_the_buttons_are_what_the_status_allows(status):
    run = launch(CountRows)
    Run.objects.update(status=status)

    assert buttons(visitor("change").get(page(run))) == allowed_actions(status)
    assert buttons(visitor("view").get(page(run))) == []


@pytest.mark.parametrize(
    ("status", "moves"),
    [("running", True), ("enqueued", True), ("paused", False), ("errored", False)],
)
def test_a_page_loads_itself_again_as_long_as_something_moves(status, moves):
    run = launch(CountRows)
    Run.objects.update(status=status)

    content = visitor("view").get(page(run)).content.decode()

    assert ('<meta http-equiv="refresh" content="3">' in content) is moves


def test_there_is_no_page_of_what_is_not_there():
    run = Run(pk=uuid4())

    assert visitor("view").get(page(run)).status_code == 302
    assert visitor("view", "change").get(f"{LIST}nonsense/change/").status_code == 302


# Control


@pytest.mark.parametrize(
    ("before", "action", "after"),
    [
        ("enqueued", "pause", "paused"),
        ("running", "pause", "pausing"),
        ("running", "cancel", "cancelling"),
        ("paused", "cancel", "cancelled"),
        ("errored", "cancel", "cancelled"),
        ("paused", "resume", "enqueued"),
        ("errored", "resume", "enqueued"),
    ],
)
def test_a_button_does_what_it_says(waiting, before, action, after):
    run = launch(CountRows)
    Run.objects.update(status=before)
    client = visitor("change")

    response = post(client, control(run), action=action)

    run.refresh_from_db()
    assert (run.status, response.url) == (after, page(run))
    assert messages_after(client, response) == [f"{run.name}: {after}."]
    assert LogEntry.objects.get().object_id == str(run.pk)


def test_a_resumed_run_is_executed():
    run = launch(CountRows)
    Item.objects.create()
    Run.objects.update(status="paused", end=None)

    post(visitor("change"), control(run), action="resume")

    assert Item.objects.get().times == 1


def test_what_the_status_does_not_allow_is_a_message():
    run = launch(CountRows)
    client = visitor("change")

    response = post(client, control(run), action="pause")

    assert messages_after(client, response) == [
        (
            f'[dynschema.E507] Run {run.pk} of "{run.name}" cannot be paused: it is succeeded. '
            "docs/reference/statuses.md shows what can be done in each status."
        )
    ]
    assert LogEntry.objects.count() == 0


def test_one_returns_to_where_one_was_but_to_no_other_site(waiting):
    run = launch(CountRows)
    client = visitor("change")

    there = post(client, control(run), action="pause", next=f"{LIST}?kind=work")
    elsewhere = post(client, control(run), action="cancel", next="https://example.com/")

    assert (there.url, elsewhere.url) == (f"{LIST}?kind=work", page(run))


def test_only_those_who_may_control_runs(waiting):
    run = launch(CountRows)

    answers = {
        "view": post(visitor("view"), control(run), action="cancel").status_code,
        "nobody": post(visitor(), control(run), action="cancel").status_code,
        "list": visitor().get(LIST).status_code,
        "page": visitor("add", "delete").get(page(run)).status_code,
        "guest": post(Client(), control(run), action="cancel").status_code,
        "get": visitor("change", "view").get(control(run), {"action": "cancel"}).status_code,
        "forged": visitor("change", "add").post(control(run), {"action": "cancel"}).status_code,
        "unknown": post(visitor("change", "delete"), control(run), action="launch").status_code,
        "gone": post(visitor("change"), control(Run(pk=uuid4())), action="cancel").status_code,
    }

    run.refresh_from_db()
    assert run.status == "enqueued"
    assert answers == {
        "view": 403,
        "nobody": 403,
        "list": 403,
        "page": 403,
        "guest": 302,
        "get": 405,
        "forged": 403,
        "unknown": 400,
        "gone": 404,
    }


def test_nothing_is_added_or_edited():
    run = launch(CountRows)
    client = visitor("view", "add", "change", "delete")

    added = client.get(f"{LIST}add/").status_code
    edited = post(client, page(run), name="other").status_code

    run.refresh_from_db()
    assert (added, edited, run.name.endswith("CountRows")) == (403, 403, True)


def test_what_has_ended_may_be_deleted_and_nothing_else(waiting):
    under_way, ended = launch(CountRows), launch(CountInBulk)
    Run.objects.filter(pk=ended.pk).update(status="cancelled")
    client = visitor("view", "delete")

    answers = [
        post(client, page(run).replace("change", "delete"), post="yes").status_code
        for run in (under_way, ended)
    ]

    assert answers == [403, 302]
    assert list(Run.objects.all()) == [under_way]
