"""Fills in the admin form of a survey, and looks at all that a click may leave behind."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client

from dynschema.models import Change, Epoch, Table
from surveymaker.models import Question, Responses, Survey

ADD = "/admin/surveymaker/survey/add/"
LIST = "/admin/surveymaker/survey/"


def change_page(survey: Survey) -> str:
    return f"{LIST}{survey.pk}/change/"


def delete_page(survey: Survey) -> str:
    return f"{LIST}{survey.pk}/delete/"


def filled_in(
    title: str, slug: str, *rows: dict[str, Any], present: Sequence[Question] = ()
) -> dict[str, Any]:
    """Give what a browser sends: the survey, its present questions, and new rows."""
    shown = [*map(as_row, present), *rows]
    sent = {
        "title": title,
        "slug": slug,
        "questions-TOTAL_FORMS": len(shown),
        "questions-INITIAL_FORMS": len(present),
    }
    for number, row in enumerate(shown):
        values = {"kind": "text", "rank": number, **row}
        sent |= {f"questions-{number}-{name}": value for name, value in values.items()}
    return sent


def as_row(question: Question) -> dict[str, Any]:
    names = ("id", "survey_id", "slug", "text", "kind", "choices", "rank")
    values = {name.removesuffix("_id"): getattr(question, name) for name in names}
    ticked = ("required", "unique", "indexed")
    return values | {name: "on" for name in ticked if getattr(question, name)}


def row_errors(response: Any) -> list[dict[str, list[str]]]:
    """Give the errors of each inline row, by form field."""
    [inline] = response.context["inline_admin_formsets"]
    return [dict(form.errors) for form in inline.formset.forms]


def form_errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


def everything() -> dict[str, Any]:
    """Give all that a click about surveys may change, in a form that can be compared."""
    models = (Survey, Question, Table, Change, LogEntry, ContentType, Permission)
    return {
        "tables": sorted(connection.introspection.table_names()),
        "epoch": list(Epoch.objects.values()),
        **{model.__name__: list(model.objects.order_by("pk").values()) for model in models},
        "classes": sorted(model.__name__ for model in Responses.models()),
    }


def messages_of(client: Client, page: str) -> list[str]:
    """Give the messages that the next page shows."""
    return [str(each) for each in client.get(page).context["messages"]]
