"""A reference to records is chosen like any other: from a list, by typing, or by looking it up."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import clear_url_caches, reverse

import dynschema
from dynschema.admin import RecordAdmin
from surveymaker import kinds
from surveymaker.models import Survey
from tests.example.surveys import asking, write_survey

pytestmark = pytest.mark.django_db(transaction=True)

RECORDS = "/admin/surveymaker/survey/_records/"
PRAISE = f"{RECORDS}praiseresponse/"
LUNCH = f"{RECORDS}lunchresponse/"


class TypingAdmin(RecordAdmin):
    autocomplete_fields = ["of", "by"]


class LookingUpAdmin(RecordAdmin):
    raw_id_fields = ["of", "by"]


@pytest.fixture(autouse=True)
def surveys() -> None:
    """Ask for praise of a lunch, by a user, after other praise."""
    with dynschema.atomic():
        write_survey("lunch", asking("name", "text"))
        write_survey(
            "praise",
            {**asking("of", "survey"), "choices": "lunch"},
            {**asking("after", "survey"), "choices": "praise"},
            asking("by", "user"),
        )


@pytest.fixture
def staff(client: Client) -> User:
    user = User.objects.create_user("staff", is_staff=True)
    client.force_login(user)
    return user


def allow(user: User, *codenames: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))


def lunches(*names: str) -> list[Any]:
    model = Survey.objects.get(slug="lunch").Response
    return [model.objects.create(name=name) for name in names]


def use(monkeypatch: pytest.MonkeyPatch, record_admin: type[RecordAdmin]) -> None:
    monkeypatch.setattr(admin.site._registry[Survey], "record_admin_class", record_admin)
    clear_url_caches()  # Django remembers the pages of another test.


def form_of(client: Client, address: str = f"{PRAISE}add/") -> Any:
    return client.get(address).context["adminform"].form


def shown(client: Client, field: str, address: str = f"{PRAISE}add/") -> str:
    """Give the HTML in which a field is filled in."""
    return str(form_of(client, address)[field])


def asked_by(client: Client, field: str) -> dict[str, str]:
    """Give where the widget of a field finds what somebody types, and what it sends along."""
    attributes = form_of(client)[field].field.widget.widget.build_attrs({})
    sent = ("app-label", "model-name", "field-name")
    return {
        "address": attributes["data-ajax--url"],
        **{name.replace("-", "_"): attributes[f"data-{name}"] for name in sent},
    }


def found(client: Client, field: str, term: str) -> list[str]:
    """Give what is offered for a term, asked for as the widget does."""
    asked = asked_by(client, field)
    answer = client.get(asked.pop("address"), {**asked, "term": term})
    return [each["text"] for each in answer.json()["results"]]


# Chosen by typing


def test_records_are_found_by_typing(admin_client, monkeypatch):
    use(monkeypatch, TypingAdmin)
    soup, _ = lunches("Soup", "Curry")

    assert asked_by(admin_client, "of") == {
        "address": f"{PRAISE}autocomplete/",
        "app_label": "surveymaker",
        "model_name": "praiseresponse",
        "field_name": "of",
    }
    assert found(admin_client, "of", "sou") == [str(soup)]
    assert found(admin_client, "of", "pie") == []


def test_what_was_found_by_typing_is_saved_and_shown(admin_client, monkeypatch):
    use(monkeypatch, TypingAdmin)
    soup, curry = lunches("Soup", "Curry")

    saved = admin_client.post(f"{PRAISE}add/", {"of": soup.pk})

    assert saved.status_code == 302
    praise = Survey.objects.get(slug="praise").Response.objects.get()
    assert praise.of == soup
    offered = shown(admin_client, "of", f"{PRAISE}{praise.pk}/change/")
    assert f'<option value="{soup.pk}" selected>{soup}</option>' in offered
    assert f'<option value="{curry.pk}"' not in offered


def test_static_models_are_found_by_typing_as_ever(admin_client, monkeypatch):
    use(monkeypatch, TypingAdmin)
    User.objects.create_user("ada")

    assert asked_by(admin_client, "by")["address"] == "/admin/autocomplete/"
    assert found(admin_client, "by", "ad") == ["ada", "admin"]


def test_only_who_may_see_the_records_finds_them(client, staff, monkeypatch):
    use(monkeypatch, TypingAdmin)
    soup, _ = lunches("Soup", "Curry")
    question = {"app_label": "surveymaker", "model_name": "praiseresponse", "field_name": "of"}
    allow(staff, "add_praiseresponse")

    refused = client.get(f"{PRAISE}autocomplete/", {**question, "term": "sou"})
    allow(staff, "view_lunchresponse")
    allowed = client.get(f"{PRAISE}autocomplete/", {**question, "term": "sou"})
    visitor = Client().get(f"{PRAISE}autocomplete/", question)

    assert refused.status_code == 403
    assert [each["text"] for each in allowed.json()["results"]] == [str(soup)]
    assert visitor["Location"].startswith("/admin/login/")


def test_records_without_a_text_to_search_in_are_looked_up(admin_client, monkeypatch):
    use(monkeypatch, TypingAdmin)
    Survey.objects.get(slug="lunch").questions.all().delete()

    assert f'href="{LUNCH}?_to_field=id"' in shown(admin_client, "of")


# Looked up in a window of their own


def test_records_are_looked_up_in_their_list(admin_client, monkeypatch):
    use(monkeypatch, LookingUpAdmin)
    (soup,) = lunches("Soup")
    praise = Survey.objects.get(slug="praise").Response.objects.create(of=soup)

    offered = shown(admin_client, "of", f"{PRAISE}{praise.pk}/change/")

    assert f'href="{LUNCH}?_to_field=id"' in offered
    assert f'<a href="{LUNCH}{soup.pk}/change/">{soup}</a>' in offered
    assert admin_client.get(f"{LUNCH}?_to_field=id&_popup=1").status_code == 200
    assert 'href="/admin/auth/user/?_to_field=id"' in shown(admin_client, "by")


def test_records_that_are_referred_to_by_another_field_are_looked_up_by_it(
    admin_client, monkeypatch
):
    use(monkeypatch, LookingUpAdmin)
    monkeypatch.setitem(kinds.KINDS, "named", kinds.Kind("By name", by_name))
    Survey.objects.get(slug="lunch").questions.update(unique=True)
    with dynschema.atomic():
        for each in Survey.objects.get(slug="lunch").questions.all():
            each.save()
    praise = Survey.objects.get(slug="praise")
    praise.questions.filter(slug="of").delete()
    praise.questions.create(slug="of", kind="named")

    assert f'href="{LUNCH}?_to_field=name"' in shown(admin_client, "of")
    assert admin_client.get(f"{LUNCH}?_to_field=name&_popup=1").status_code == 200
    assert admin_client.get(f"{LUNCH}?_to_field=respondent&_popup=1").status_code == 400


def by_name(question: Any, options: Any) -> Any:
    options |= {"null": True, "to_field": "name"}
    return kinds.reference("surveymaker.LunchResponse", question, options)


# Links beside the field


def test_records_can_be_added_changed_and_seen_from_the_field(admin_client):
    offered = shown(admin_client, "of")

    assert f'href="{LUNCH}add/?_to_field=id&amp;_popup=1' in offered
    assert f'data-href-template="{LUNCH}__fk__/change/?_to_field=id"' in offered
    assert f'href="{PRAISE}add/?_to_field=id&amp;_popup=1' in shown(admin_client, "after")


def test_a_record_that_is_added_from_the_field_is_chosen_in_it(admin_client):
    answer = admin_client.post(
        f"{LUNCH}add/?_to_field=id&_popup=1", {"name": "Soup", "_popup": "1", "_to_field": "id"}
    )

    (soup,) = Survey.objects.get(slug="lunch").Response.objects.all()
    assert answer.template_name[-1] == "admin/popup_response.html"
    assert f"&quot;value&quot;: &quot;{soup.pk}&quot;" in answer.content.decode()


@pytest.mark.parametrize("record_admin", [RecordAdmin, TypingAdmin])
def test_the_links_are_those_that_a_person_may_follow(client, staff, monkeypatch, record_admin):
    use(monkeypatch, record_admin)
    allow(staff, "add_praiseresponse")
    nothing = shown(client, "of")
    allow(staff, "view_lunchresponse")
    to_see = shown(client, "of")
    allow(staff, "add_lunchresponse", "change_lunchresponse")
    to_add = shown(client, "of")

    links = [[name in each for name in ("__fk__", "add/")] for each in (nothing, to_see, to_add)]
    assert links == [[False, False], [True, False], [True, True]]


def test_every_page_of_a_reference_has_a_name(admin_client):
    assert reverse("admin:surveymaker_praiseresponse_autocomplete") == f"{PRAISE}autocomplete/"
