"""Forms and their inputs: an app of the tests, whose tables may have any field and any option.

The rows name a field or a design; the tests register what stands behind the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from dynschema import Blueprint, when_classes_prepared

LONGEST_NAME = 250


@dataclass(frozen=True)
class Design:
    """What a form asks for besides its inputs."""

    bases: tuple[type, ...] = (models.Model,)
    fields: Mapping[str, models.Field] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    db_table: str | None = None


FIELDS: dict[str, models.Field] = {}
DESIGNS: dict[str, Design] = {"": Design()}


SEEN: dict[str, list[str]] = {}
"""What the builder has found in the database: the inputs of each form."""


def look_around() -> None:
    """Use what only works when all models are there: reverse relations, and filters across them."""
    for form in Form.objects.filter(inputs__isnull=False).distinct():
        SEEN[form.name] = [row.name for row in form.inputs.all()]


when_classes_prepared("forms", ["Form", "Input", "auth.User"], look_around)


class Form(models.Model):
    name = models.CharField(max_length=LONGEST_NAME)
    design = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.name


class Input(models.Model):
    form = models.ForeignKey(Form, models.CASCADE, related_name="inputs")
    name = models.CharField(max_length=LONGEST_NAME)
    field = models.CharField(max_length=20)

    def __str__(self) -> str:
        return self.name


class Entries(Blueprint):
    """A table for each form, a column for each input."""

    definition = Form
    field_definition = Input

    def model_name(self, form: Form) -> str:
        return f"{form.name.title()}Entry"

    def field_name(self, row: Input) -> str:
        return row.name

    def build_field(self, row: Input) -> models.Field:
        if row.field not in FIELDS:
            raise ValidationError({"field": f'There is no field "{row.field}".'})
        return FIELDS[row.field].clone()

    def fields(self, form: Form) -> Mapping[str, models.Field]:
        return DESIGNS[form.design].fields

    def bases(self, form: Form) -> tuple[type, ...]:
        return DESIGNS[form.design].bases

    def meta(self, form: Form) -> Mapping[str, Any]:
        return DESIGNS[form.design].meta

    def attributes(self, form: Form) -> Mapping[str, Any]:
        return DESIGNS[form.design].attributes

    def db_table(self, form: Form) -> str | None:
        return DESIGNS[form.design].db_table


class FormSeenOtherwise(Form):
    """A proxy, as many sites have them for a second page in the admin."""

    class Meta:
        proxy = True


class InputSeenOtherwise(Input):
    """A proxy of a field definition."""

    class Meta:
        proxy = True
