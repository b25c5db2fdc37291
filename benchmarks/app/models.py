"""Surveys with a blueprint, the same without one, and a hand-written model of the same shape."""

import os

from django.db import models

from benchmarks.app.kinds import KINDS
from benchmarks.settings import EAGER
from dynschema import Blueprint, when_classes_prepared

WRITTEN = "written"
"""The slug of the survey that has a hand-written model as well."""


class AnySurvey(models.Model):
    slug = models.SlugField(unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.slug


class AnyQuestion(models.Model):
    slug = models.SlugField()
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in KINDS])

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.slug


class Survey(AnySurvey):
    """Has a table."""


class Question(AnyQuestion):
    """Has a column."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions")


class BareSurvey(AnySurvey):
    """Has no table unless one is made for it by hand."""


class BareQuestion(AnyQuestion):
    """Has no column unless one is made for it by hand."""

    survey = models.ForeignKey(BareSurvey, models.CASCADE, related_name="questions")


class Responses(Blueprint):
    """A table for each survey, a column for each question."""

    definition = Survey
    field_definition = Question

    def model_name(self, survey: Survey) -> str:
        return f"{survey.slug.capitalize()}Response"

    def field_name(self, question: Question) -> str:
        return question.slug

    def build_field(self, question: Question) -> models.Field:
        return KINDS[question.kind]()


class StaticResponse(models.Model):
    """What the model of the survey WRITTEN looks like when written by hand, on the same table."""

    text1 = KINDS["text"]()
    longtext1 = KINDS["longtext"]()
    integer1 = KINDS["integer"]()
    date1 = KINDS["date"]()
    boolean1 = KINDS["boolean"]()
    text2 = KINDS["text"]()
    longtext2 = KINDS["longtext"]()
    integer2 = KINDS["integer"]()
    date2 = KINDS["date"]()
    boolean2 = KINDS["boolean"]()

    class Meta:
        managed = False
        db_table = f"benchmarks_{WRITTEN}response"

    def __str__(self) -> str:
        return f"Response {self.pk}"


class Person(models.Model):
    """One of many rows that a mapper goes over, of a common size."""

    name = models.CharField(max_length=100)
    notes = models.TextField()
    born = models.IntegerField()
    age = models.IntegerField(null=True)

    def __str__(self) -> str:
        return self.name


if os.environ.get(EAGER):
    when_classes_prepared("benchmarks", ["Survey", "Question"], Responses.models)
