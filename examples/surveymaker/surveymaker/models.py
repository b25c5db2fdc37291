"""Surveys and their questions."""

from __future__ import annotations

from django.db import models

from surveymaker import kinds, names


class Survey(models.Model):
    title = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    @property
    def model_name(self) -> str:
        return names.model_name(self.slug)


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
