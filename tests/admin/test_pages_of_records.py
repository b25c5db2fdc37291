"""Every dynamic model has its own pages, from the moment when its table is there."""

import gc
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.signals import request_started
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import clear_url_caches, include, path, reverse

import dynschema
from dynschema.admin import RecordAdmin
from surveymaker.models import Survey
from tests.admin.pages import LIST, change_page, delete_page, form_errors, messages_of
from tests.example.surveys import ONE_OF_EACH, asking, survey_with_every_kind, write_survey

pytestmark = pytest.mark.django_db(transaction=True)

LUNCH = "admin:surveymaker_lunchresponse_"


def page(name: str, *args: object) -> str:
    return reverse(f"{LUNCH}{name}", args=args)


def lunch(**values: Any) -> Survey:
    survey = write_survey(
        "lunch", asking("name", "text"), asking("dish", "choice", choices="Soup, Curry")
    )
    if values:
        survey.Response.objects.create(**values)
    return survey


def allow(user: User, *codenames: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))


@pytest.fixture
def staff(client: Client) -> User:
    user = User.objects.create_user("staff", is_staff=True)
    client.force_login(user)
    return user


class RecordAdminWithTools(RecordAdmin):
    def get_urls(self) -> list[Any]:
        tools = [path("<int:year>/", self.tool, name="tool_of_a_year")]
        return [path("tools/", include(tools), {"best": True}), *super().get_urls()]

    def tool(self, request: HttpRequest, year: int, best: bool) -> HttpResponse:
        return HttpResponse(f"{self.model.__name__} {year} {best}")


def test_pages_that_are_included_in_those_of_records_have_addresses(admin_client, monkeypatch):
    monkeypatch.setattr(admin.site._registry[Survey], "record_admin_class", RecordAdminWithTools)
    clear_url_caches()  # Django remembers the pages of another test.
    lunch(name="Ada")

    tool = reverse("admin:tool_of_a_year", args=[2026])

    assert admin_client.get(tool).content == b"LunchResponse 2026 True"
    assert admin_client.get(page("changelist")).status_code == 200


@pytest.mark.parametrize(
    "names", [{"name": "nickname"}, {"name": "dish", "dish": "name"}], ids=["renamed", "swapped"]
)
def test_a_form_that_was_opened_before_questions_changed_names_overwrites_nothing(
    admin_client, names
):
    survey = lunch(name="Ada", dish="Soup")
    record = survey.Response.objects.get()
    change = page("change", record.pk)
    opened = admin_client.get(change).context["fields_print"]
    stored = {each.slug: each for each in survey.questions.all()}
    with dynschema.atomic():
        survey.questions.update(slug=Concat("slug", Value("-")))
        for old, row in stored.items():
            row.slug = names.get(old, old)
            row.save()
    before = survey.Response.objects.values().get()

    response = admin_client.post(change, {"name": "Bob", "dish": "Curry", "_fields": opened})

    assert survey.Response.objects.values().get() == before
    assert form_errors(response)["__all__"] == [
        "The table was changed in the meantime. Please look again."
    ]
    assert response.context["fields_print"] != opened


def test_a_survey_that_was_just_made_has_all_pages(admin_client):
    record = lunch(name="Ada").Response.objects.get()
    pages = [page("changelist"), page("add")]
    pages += [page(name, record.pk) for name in ("change", "delete", "history")]

    statuses = {each: admin_client.get(each).status_code for each in pages}

    assert statuses == {
        "/admin/surveymaker/survey/_records/lunchresponse/": 200,
        "/admin/surveymaker/survey/_records/lunchresponse/add/": 200,
        f"/admin/surveymaker/survey/_records/lunchresponse/{record.pk}/change/": 200,
        f"/admin/surveymaker/survey/_records/lunchresponse/{record.pk}/delete/": 200,
        f"/admin/surveymaker/survey/_records/lunchresponse/{record.pk}/history/": 200,
    }


@pytest.mark.usefixtures("atomic_requests")
def test_records_are_added_changed_and_deleted_and_the_log_knows(admin_client):
    survey = lunch()

    added = admin_client.post(page("add"), {"name": "Ada", "dish": "Soup"})
    record = survey.Response.objects.get()
    changed = admin_client.post(page("change", record.pk), {"name": "Bob", "dish": "Soup"})
    history = admin_client.get(page("history", record.pk)).content.decode()
    values = survey.Response.objects.values_list("name", "dish").get()
    deleted = admin_client.post(page("delete", record.pk), {"post": "yes"})

    assert [each.status_code for each in (added, changed, deleted)] == [302, 302, 302]
    assert values == ("Bob", "Soup")
    assert "Changed Name." in history or "Changed name." in history
    assert survey.Response.objects.count() == 0
    log = LogEntry.objects.order_by("pk")
    assert [each.action_flag for each in log] == [1, 2, 3]
    assert {each.content_type.model_class() for each in log} == {survey.Response}


def test_every_kind_of_question_can_be_listed_searched_filtered_and_answered(admin_client):
    survey = survey_with_every_kind()
    date, time = str(ONE_OF_EACH["datetime"]).split("T")
    sent = ONE_OF_EACH | {"datetime_0": date, "datetime_1": f"{time}:00"}

    added = admin_client.post(reverse("admin:surveymaker_everythingresponse_add"), sent)
    listed = admin_client.get(
        reverse("admin:surveymaker_everythingresponse_changelist"),
        {"q": "ada", "boolean__exact": "1", "choice__exact": "Soup"},
    )

    assert added.status_code == 302
    assert listed.status_code == 200
    assert list(listed.context["cl"].result_list) == list(survey.Response.objects.all())


def test_a_renamed_survey_moves_its_pages(admin_client):
    survey = lunch(name="Ada")
    old = page("changelist")
    admin_client.get(old)
    survey.slug = "dinner"
    survey.save()

    assert admin_client.get(old).status_code == 404
    new = reverse("admin:surveymaker_dinnerresponse_changelist")
    assert admin_client.get(new).status_code == 200


@pytest.mark.parametrize("rest", ["", "add/", "1/change/", "1/", "nonsense/and/more/"])
def test_pages_of_a_retired_survey_are_not_found(admin_client, rest):
    survey = lunch(name="Ada")
    address = page("changelist")
    survey.delete()

    assert admin_client.get(address + rest).status_code == 404


@pytest.mark.usefixtures("atomic_requests")
def test_pages_whose_table_somebody_dropped_are_not_found(admin_client):
    lunch(name="Ada")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE surveymaker_lunchresponse")

    statuses = [
        admin_client.get(page("changelist")).status_code,
        admin_client.get(page("change", 1)).status_code,
        admin_client.post(page("add"), {"name": "Ada"}).status_code,
        admin_client.get(LIST).status_code,
        admin_client.get("/admin/").status_code,
    ]

    assert statuses == [404, 404, 404, 200, 200]


def test_a_record_that_is_gone_is_reported_as_django_does(admin_client):
    lunch()

    response = admin_client.get(page("change", 99))

    assert response.status_code == 302
    assert messages_of(admin_client, LIST) == [
        "answer to Lunch with ID “99” doesn’t exist. Perhaps it was deleted?"  # noqa: RUF001
    ]


def test_without_permission_there_is_neither_page_nor_link(client, staff):
    survey = lunch(name="Ada")
    allow(staff, "view_survey")

    assert client.get(page("changelist")).status_code == 403
    assert client.post(page("add"), {"name": "Ada"}).status_code == 403
    assert client.post(page("delete", 1), {"post": "yes"}).status_code == 403
    assert page("changelist") not in client.get(LIST).content.decode()
    assert page("changelist") not in client.get(change_page(survey)).content.decode()


def test_the_permission_to_view_is_enough_to_look(client, staff):
    survey = lunch(name="Ada")
    record = survey.Response.objects.get()
    allow(staff, "view_survey", "view_lunchresponse")

    assert client.get(page("changelist")).status_code == 200
    assert client.get(page("change", record.pk)).status_code == 200
    assert client.post(page("change", record.pk), {"name": "Bob"}).status_code == 403
    assert f'<a href="{page("changelist")}">1</a>' in client.get(LIST).content.decode()
    assert page("changelist") in client.get(change_page(survey)).content.decode()


def test_visitors_are_sent_to_the_login(client):
    lunch()

    for address in (page("changelist"), f"{LIST}_records/nothing/"):
        assert client.get(address)["Location"].startswith("/admin/login/")


def test_an_address_without_its_last_slash_is_completed(admin_client):
    lunch()

    response = admin_client.get(page("changelist").removesuffix("/"))

    assert response["Location"] == page("changelist")


def test_the_registry_of_the_admin_stays_as_it_was(admin_client):
    before = set(admin.site._registry)

    survey = lunch(name="Ada")
    admin_client.get(page("changelist"))

    assert set(admin.site._registry) == before
    assert survey.Response not in before


def test_deleting_lists_records_that_go_along_and_asks_for_their_permission(client, staff):
    with dynschema.atomic():
        survey = lunch()
        other = write_survey(
            "praise", {**asking("of", "survey"), "choices": "lunch", "required": True}
        )
    record = survey.Response.objects.create(name="Ada")
    praise = other.Response.objects.create(of=record)
    allow(staff, "view_lunchresponse", "delete_lunchresponse")
    address = page("delete", record.pk)

    refused = client.post(address, {"post": "yes"})
    staff.user_permissions.add(Permission.objects.get(codename="delete_praiseresponse"))
    shown = client.get(address).content.decode()
    allowed = client.post(address, {"post": "yes"})

    assert refused.status_code == 403
    assert reverse("admin:surveymaker_praiseresponse_change", args=[praise.pk]) in shown
    assert "Answer to Praise: " in shown
    assert allowed.status_code == 302
    assert other.Response.objects.count() == 0


def test_deleting_a_user_lists_the_records_that_go_along(admin_client):
    survey = write_survey("team", {**asking("boss", "user"), "required": True})
    boss = User.objects.create_user("boss")
    survey.Response.objects.create(boss=boss)
    address = reverse("admin:auth_user_delete", args=[boss.pk])

    shown = admin_client.get(address)
    deleted = admin_client.post(address, {"post": "yes"})

    assert "Answer to Team: Answer" in shown.content.decode()
    assert deleted.status_code == 302
    assert survey.Response.objects.count() == 0


def test_hostile_titles_are_escaped_on_all_pages(admin_client):
    survey = write_survey(
        "lunch", asking("age", "text", text="<script>age</script>"), title="<script>lunch</script>"
    )
    record = survey.Response.objects.create(age="<script>value</script>")
    pages = [page("changelist"), page("add"), LIST, change_page(survey), delete_page(survey)]
    pages += [page(name, record.pk) for name in ("change", "delete", "history")]

    found = [each for each in pages if "<script>" in admin_client.get(each).content.decode()]

    assert found == []


def test_a_new_survey_of_a_retired_name_has_a_log_of_its_own(admin_client):
    first = lunch()
    admin_client.post(page("add"), {"name": "Ada"})
    first.delete()
    second = lunch()

    admin_client.post(page("add"), {"name": "Bob"})

    kind = ContentType.objects.get(app_label="surveymaker", model="lunchresponse")
    assert list(LogEntry.objects.filter(content_type=kind).values_list("object_repr")) == [
        (f"Answer {second.Response.objects.get().pk}",)
    ]


def test_names_are_reversed_anew_only_when_one_appears(admin_client, monkeypatch):
    survey = lunch()
    page("changelist")
    cleared = []
    monkeypatch.setattr("dynschema.admin.urls.clear_url_caches", lambda: cleared.append(1))

    survey.questions.create(slug="age", kind="integer")
    unchanged = len(cleared)
    write_survey("never-heard-of")  # Django may still remember the others, from an earlier test.

    assert (unchanged, bool(cleared)) == (0, True)


def test_an_admin_at_the_root_of_a_site_has_the_pages_of_a_new_survey():
    site = (path("", admin.site.urls),)
    lunch()
    reverse(f"{LUNCH}add", site)

    write_survey("brunch-at-noon")

    found = reverse("admin:surveymaker_brunchatnoonresponse_add", site)
    assert found == "/surveymaker/survey/_records/brunchatnoonresponse/add/"


def test_a_new_name_costs_the_addresses_of_one_model(monkeypatch):
    lunch()
    write_survey("supper")
    page("changelist")
    asked, get_urls = [], RecordAdmin.get_urls
    monkeypatch.setattr(
        RecordAdmin, "get_urls", lambda self: asked.append(self.model) or get_urls(self)
    )

    breakfast = write_survey("breakfast-at-noon")
    address = reverse("admin:surveymaker_breakfastatnoonresponse_add")

    assert address == "/admin/surveymaker/survey/_records/breakfastatnoonresponse/add/"
    assert asked == [breakfast.Response]


def test_the_admin_of_records_goes_with_its_class(admin_client):
    survey = lunch(name="Ada")
    admin_client.get(page("changelist"))
    old = weakref.ref(survey.Response)

    survey.questions.create(slug="age", kind="integer")
    admin_client.get(page("changelist"))
    gc.collect()

    assert old() is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_table_changed_during_the_request_is_looked_at_again(admin_client, other, method):
    survey = write_survey("lunch", asking("age", "integer"))
    address = page("changelist") if method == "get" else page("add")
    admin_client.get(address)

    with at_the_start_of_a_request(lambda: other.rename("lunch", "age", "years")):
        response = getattr(admin_client, method)(address, {"age": 3})

    assert response["Location"].startswith(address)
    assert messages_of(admin_client, address) == [
        "The table was changed in the meantime. Please look again."
    ]
    assert survey.Response.objects.count() == 0


@contextmanager
def at_the_start_of_a_request(change: Callable[[], object]) -> Iterator[None]:
    """Let something happen once the request has found out which classes are current."""

    def happen(**_: object) -> None:
        change()

    request_started.connect(happen)
    try:
        yield
    finally:
        request_started.disconnect(happen)
