"""Rows to work on; each counts how often it was worked on."""
# ruff: noqa: DJ008 - nobody reads them

from __future__ import annotations

from typing import NamedTuple
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


class Pair(NamedTuple):
    left: str
    right: str


class PairField(models.CharField):
    """Has values that are tuples, as those of sums of money often are."""

    def from_db_value(self, value, *_):
        return self.to_python(value)

    def to_python(self, value):
        return Pair(*value.split()) if isinstance(value, str) else value

    def get_prep_value(self, value):
        return " ".join(value)

    def value_to_string(self, obj):
        return self.get_prep_value(self.value_from_object(obj))


class PairItem(Counted):
    pair = PairField(max_length=20, primary_key=True)


class BytesKey(models.Model):
    key = models.BinaryField(primary_key=True)


class DecimalKey(models.Model):
    key = models.DecimalField(primary_key=True, max_digits=12, decimal_places=4)


class DurationKey(models.Model):
    key = models.DurationField(primary_key=True)


class JsonKey(models.Model):
    key = models.JSONField(primary_key=True)


class TimeKey(models.Model):
    key = models.DateTimeField(primary_key=True)


class AboutBytes(Counted):
    about = models.OneToOneField(BytesKey, models.CASCADE, primary_key=True)


class AboutDecimal(Counted):
    about = models.OneToOneField(DecimalKey, models.CASCADE, primary_key=True)


class AboutDuration(Counted):
    about = models.OneToOneField(DurationKey, models.CASCADE, primary_key=True)


class AboutJson(Counted):
    about = models.OneToOneField(JsonKey, models.CASCADE, primary_key=True)


class AboutTime(Counted):
    about = models.OneToOneField(TimeKey, models.CASCADE, primary_key=True)


class AboutAboutBytes(Counted):
    about = models.OneToOneField(AboutBytes, models.CASCADE, primary_key=True)


class SpecialBytes(BytesKey, Counted):
    pass


class SpecialJson(JsonKey, Counted):
    pass


class BytesOnShelf(Counted):
    pk = models.CompositePrimaryKey("about", "shelf")
    about = models.ForeignKey(BytesKey, models.CASCADE)
    shelf = models.IntegerField()


class TimeOnShelf(Counted):
    pk = models.CompositePrimaryKey("shelf", "about")
    about = models.ForeignKey(AboutTime, models.CASCADE)
    shelf = models.IntegerField()
