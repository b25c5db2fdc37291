"""Surveys and their questions, and the blueprint that gives every survey a table."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

import dynschema
from dynschema import Blueprint, when_classes_prepared
from surveymaker import kinds, names


def build_responses() -> None:
    """Build the classes of all surveys, so that a new process starts with them."""
    Responses.models()


when_classes_prepared("surveymaker", ["Survey", "Question"], build_responses)


class Survey(models.Model):
    title = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and let the questions that name this survey follow to its new slug."""
        with dynschema.atomic():
            referring = self.referring_questions()
            super().save(*args, **kwargs)
            for question in referring:
                question.choices = self.slug
                question.save()

    def referring_questions(self) -> list[Question]:
        """Find the questions that name this survey by the slug that it is about to lose."""
        stored = Survey.objects.filter(pk=self.pk).exclude(slug=self.slug).values("slug")
        return list(Question.objects.filter(kind="survey", choices__in=stored))

    @property
    def model_name(self) -> str:
        return names.model_name(self.slug)

    @property
    def Response(self) -> type[models.Model]:  # noqa: N802 - it is a class
        """The current class of the answers; take it anew for each request."""
        return Responses.model_for(self)


class Question(models.Model):
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions")
    slug = models.SlugField(help_text="The name of the column.")
    text = models.CharField("question", max_length=200, blank=True)
    kind = models.CharField(
        max_length=20, choices=[(name, kind.label) for name, kind in kinds.KINDS.items()]
    )
    required = models.BooleanField(default=False)
    unique = models.BooleanField(default=False)
    indexed = models.BooleanField(default=False)
    choices = models.TextField(
        blank=True,
        help_text="For a choice: one per line. For an answer to a survey: the survey's slug.",
    )
    rank = models.IntegerField(default=0)

    class Meta:
        ordering = ["rank", "id"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "slug"], name="question_slug_once_per_survey")
        ]

    def __str__(self) -> str:
        return self.text or self.slug


class Record:
    """What the answers to all surveys have in common."""

    pk: Any

    def __str__(self) -> str:
        return f"Answer {self.pk}"


class Responses(Blueprint):
    """A table for each survey, a column for each question."""

    definition = Survey
    field_definition = Question

    def model_name(self, survey: Survey) -> str:
        return survey.model_name

    def field_name(self, question: Question) -> str:
        return names.field_name(question.slug)

    def build_field(self, question: Question) -> models.Field:
        return kinds.build_field(question)

    def fields(self, survey: Survey) -> dict[str, models.Field]:
        """Remember when an answer came, and from whom if somebody was logged in."""
        return {
            "created_at": models.DateTimeField(default=timezone.now, editable=False),
            "respondent": models.ForeignKey(
                settings.AUTH_USER_MODEL,
                models.SET_NULL,
                null=True,
                blank=True,
                editable=False,
                related_name="+",
            ),
        }

    def bases(self, survey: Survey) -> tuple[type, ...]:
        return (Record, models.Model)

    def meta(self, survey: Survey) -> dict[str, Any]:
        return {
            "verbose_name": f"answer to {survey.title}",
            "verbose_name_plural": f"answers to {survey.title}",
        }
