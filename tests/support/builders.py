"""Writes definitions and records for tests: short, with defaults."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.db import models

import dynschema
from surveymaker.models import Question, Survey
from tests.forms.models import DESIGNS, FIELDS, Design, Entries, Form, Input

_numbers = count(1)


# Surveys: what the example can express


def survey(slug: str = "lunch", /, **questions: str | dict[str, Any]) -> Survey:
    """Save a survey in one block, `survey("lunch", age="integer", name={"kind": "text", ...})`."""
    with dynschema.atomic():
        saved = Survey.objects.create(title=slug.capitalize(), slug=slug)
        for name, asked in questions.items():
            options = asked if isinstance(asked, dict) else {"kind": asked}
            question(saved, name, **options)
    return saved


def question(survey: Survey, slug: str = "age", kind: str = "integer", **values: Any) -> Question:
    return survey.questions.create(slug=slug, kind=kind, **values)


def answers(survey: Survey, name: str) -> list[Any]:
    """Give the answers to one question, in the order in which they came."""
    return list(survey.Response.objects.order_by("pk").values_list(name, flat=True))


# Forms: everything else


def form(name: str = "lunch", design: Design | None = None, /, **fields: models.Field) -> Form:
    """Save a form and its inputs in one block."""
    with dynschema.atomic():
        saved = Form.objects.create(name=name, design=registered(design))
        for each, field in fields.items():
            add(saved, each, field)
    return saved


def add(form: Form, name: str, field: models.Field, **values: Any) -> Input:
    return form.inputs.create(name=name, field=registered_field(field), **values)


def rename(form: Form, old: str, new: str) -> None:
    row = form.inputs.get(name=old)
    row.name = new
    row.save()


def swap(form: Form, one: str, other: str) -> None:
    """Let two inputs change names; neither row is saved without the other."""
    with dynschema.atomic():
        first, second = form.inputs.get(name=one), form.inputs.get(name=other)
        first.name, second.name = other, one
        first.save()
        second.save()


def retire(form: Form, name: str) -> Input:
    """Delete an input; saving what is returned asks for it again under the same key."""
    row = form.inputs.get(name=name)
    key = row.pk
    row.delete()
    row.pk = key
    return row


def change(form: Form, name: str, field: models.Field) -> None:
    row = form.inputs.get(name=name)
    row.field = registered_field(field)
    row.save()


def redesign(form: Form, design: Design) -> None:
    form.design = registered(design)
    form.save()


def entries(form: Form) -> type[Any]:
    return Entries.model_for(form)


def registered(design: Design | None) -> str:
    if design is None:
        return ""
    name = f"design {next(_numbers)}"
    DESIGNS[name] = design
    return name


def registered_field(field: models.Field) -> str:
    name = f"field {next(_numbers)}"
    FIELDS[name] = field
    return name
