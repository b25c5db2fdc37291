"""The preview shows the plan and leaves nothing behind."""

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client

from dynschema.models import Change
from surveymaker.models import Survey
from tests.admin.pages import ADD, change_page, everything, filled_in, row_errors
from tests.example.surveys import asking, write_survey

pytestmark = pytest.mark.django_db(transaction=True)

PREVIEW = {"_preview": "Preview SQL"}


def test_the_preview_of_a_new_survey_shows_the_plan_above_the_filled_form(
    admin_client, atomic_requests
):
    before = everything()
    sent = filled_in("Lunch", "lunch", {"slug": "age", "kind": "integer"})

    response = admin_client.post(ADD, sent | PREVIEW)

    [plan] = response.context["plans"]
    html = response.content.decode()
    assert response.status_code == 200
    assert [each.code for each in plan.operations] == ["create_table"]
    assert plan.operations[0].describe().replace('"', "&quot;") in html
    assert "CREATE TABLE &quot;surveymaker_lunchresponse&quot;" in html
    assert 'value="lunch"' in html
    assert "Please correct" not in html
    assert "added successfully" not in html
    assert everything() == before
    assert not Survey.objects.exists()


def test_the_preview_of_a_change_shows_what_is_kept_and_what_is_risky(
    admin_client, atomic_requests
):
    survey = write_survey("lunch", asking("age", "integer"), asking("name", "text"))
    survey.Response.objects.create(age=3, name="Ada")
    before = everything()
    age, name = survey.questions.all()
    age.slug, name.unique = "years", True

    response = admin_client.post(
        change_page(survey), filled_in("Lunch", "lunch", present=[age, name]) | PREVIEW
    )

    [plan] = response.context["plans"]
    # PostgreSQL has one more index for texts that are unique.
    assert {each.code for each in plan.operations} - {"add_index"} == {"rename_field", "add_unique"}
    assert everything() == before
    assert list(survey.Response.objects.values("age", "name")) == [{"age": 3, "name": "Ada"}]


def test_the_preview_of_a_change_of_no_table_says_so(admin_client):
    survey = write_survey("lunch", asking("age", "integer"))
    before = everything()
    sent = filled_in("Lunch", "lunch", present=survey.questions.all())

    response = admin_client.post(change_page(survey), sent | PREVIEW)

    assert "No table would change." in response.content.decode()
    assert everything() == before


@pytest.mark.usefixtures("atomic_requests")
def test_the_preview_of_a_refused_change_shows_the_error(admin_client):
    before = everything()

    response = admin_client.post(ADD, filled_in("Lunch", "lunch", {"slug": "save"}) | PREVIEW)

    assert response.status_code == 200
    assert list(row_errors(response)[0]) == ["slug"]
    assert response.context["plans"] is None
    assert everything() == before


def test_the_preview_of_a_form_that_is_not_valid_shows_its_errors(admin_client):
    response = admin_client.post(ADD, filled_in("", "lunch") | PREVIEW)

    assert dict(response.context["adminform"].form.errors) == {"title": ["This field is required."]}
    assert "plans" not in response.context


def test_the_preview_needs_the_permission_to_save(client):
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_survey"))
    client.force_login(user)
    survey = write_survey("lunch")

    add = client.post(ADD, filled_in("Lunch", "lunch") | PREVIEW)
    change = client.post(change_page(survey), filled_in("Dinner", "dinner") | PREVIEW)

    assert (add.status_code, change.status_code) == (403, 403)
    assert "Preview SQL" not in client.get(change_page(survey)).content.decode()


def test_the_preview_needs_a_token_against_forged_requests(admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)

    response = client.post(ADD, filled_in("Lunch", "lunch") | PREVIEW)

    assert response.status_code == 403


def test_hostile_text_is_escaped_in_the_preview(admin_client):
    sent = filled_in("<script>alert(1)</script>", "lunch", {"slug": "a", "text": "<script>"})

    response = admin_client.post(ADD, sent | PREVIEW)

    assert "<script>alert" not in response.content.decode()


def test_what_was_not_made_by_dynschema_is_named_in_the_preview(admin_client):
    survey = write_survey("lunch", asking("age", "integer"))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE surveymaker_lunchresponse ADD COLUMN by_hand integer")
    sent = filled_in("Lunch", "lunch", {"slug": "dish"}, present=survey.questions.all())

    response = admin_client.post(change_page(survey), sent | PREVIEW)

    html = response.content.decode()
    assert "Not made by dynschema, kept" in html
    assert all(line.replace('"', "&quot;") in html for line in response.context["plans"][0].extra)
    assert "by_hand" in " ".join(response.context["plans"][0].extra)


def test_the_sql_of_the_preview_is_the_sql_that_runs(admin_client):
    survey = write_survey("lunch", asking("age", "integer"), asking("name", "text"))
    survey.Response.objects.create(age=3, name="Ada")
    age, name = survey.questions.all()
    age.slug, age.required, name.indexed = "years", True, True
    sent = filled_in("Lunch", "lunch", {"slug": "dish", "unique": "on"}, present=[age, name])

    previewed = admin_client.post(change_page(survey), sent | PREVIEW)
    saved = admin_client.post(change_page(survey), sent)

    assert saved.status_code == 302
    [plan] = previewed.context["plans"]
    assert ";\n".join(plan.sql) == Change.objects.latest().sql
