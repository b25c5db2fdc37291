"""Kinds of things, and a table for each."""

from __future__ import annotations

from typing import Any

from django.db import models

from dynschema import Blueprint


class Kind(models.Model):
    slug = models.SlugField()

    def __str__(self) -> str:
        return self.slug


class Property(models.Model):
    kind = models.ForeignKey(Kind, models.CASCADE, related_name="properties")
    slug = models.SlugField()

    def __str__(self) -> str:
        return self.slug


class Things(Blueprint):
    definition = Kind
    field_definition = Property

    def model_name(self, definition: Kind) -> str:
        return definition.slug.title()

    def field_name(self, field_definition: Property) -> str:
        return field_definition.slug

    def build_field(self, field_definition: Property) -> models.Field[Any, Any]:
        return models.IntegerField(null=True)
