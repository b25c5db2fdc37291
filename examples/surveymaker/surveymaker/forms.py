"""The form in which a visitor answers a survey."""

from hashlib import blake2b
from typing import Any

from django import forms
from django.db import models

WIDGETS = {
    models.DateField: forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    models.DateTimeField: forms.DateTimeInput(
        format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}
    ),
}


def answer_form(model: type[models.Model]) -> type[forms.ModelForm]:
    """Build the form for the current class; what is not editable, it leaves out."""
    return forms.modelform_factory(model, fields="__all__", formfield_callback=form_field)


def form_field(field: models.Field, **kwargs: Any) -> forms.Field | None:
    """Use the browser's own pickers for dates."""
    if type(field) in WIDGETS:
        kwargs["widget"] = WIDGETS[type(field)]
    return field.formfield(**kwargs)


def questions_print(model: type[models.Model]) -> str:
    """Tell which question is which: a column never belongs to another one."""
    columns = sorted((field.name, field.column) for field in model._meta.concrete_fields)
    return blake2b(repr(columns).encode(), digest_size=16).hexdigest()
