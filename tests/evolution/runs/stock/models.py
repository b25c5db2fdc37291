"""Rows to work on; each counts how often it was worked on."""
# ruff: noqa: DJ008 - nobody reads them

from __future__ import annotations

from uuid import uuid4

from django.db import models


class Counted(models.Model):
    times = models.IntegerField(default=0)

    class Meta:
        abstract = True


class Item(Counted):
    name = models.CharField(max_length=20, default="")


class SpecialItem(Item):
    pass


class UuidItem(Counted):
    id = models.UUIDField(primary_key=True, default=uuid4)


class TextItem(Counted):
    name = models.CharField(max_length=20, primary_key=True)


class TimeItem(Counted):
    at = models.DateTimeField(primary_key=True)


class PlaceItem(Counted):
    pk = models.CompositePrimaryKey("room", "shelf")
    room = models.CharField(max_length=20)
    shelf = models.IntegerField()
