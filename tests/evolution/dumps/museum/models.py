"""What a dump must carry."""
# ruff: noqa: DJ001, DJ008 - nobody reads them, and NULL is a value as well

from __future__ import annotations

from uuid import uuid4

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower


class Room(models.Model):
    name = models.CharField(max_length=40, unique=True)
    within = models.ForeignKey("self", models.CASCADE, null=True, blank=True)
    opened_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    loud_name = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=40), db_persist=True
    )

    def clean(self):
        self.name = self.name.strip()
        if self.name == "Nowhere":
            raise ValidationError("There is no such room.")


class Keeper(models.Model):
    """In a circle with Piece."""

    code = models.CharField(max_length=10, primary_key=True)
    favourite = models.ForeignKey("Piece", models.CASCADE, related_name="+")


class Piece(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    title = models.CharField(max_length=100)
    keeper = models.ForeignKey(Keeper, models.CASCADE, null=True)
    rooms = models.ManyToManyField(Room)
    picture = models.FileField(upload_to="pictures", blank=True)


class Painting(Piece):
    width = models.DecimalField(max_digits=8, decimal_places=3)


class Fresco(Painting):
    wall = models.CharField(max_length=20)


class Label(models.Model):
    """Sticks on anything."""

    kind = models.ForeignKey(ContentType, models.CASCADE)
    number = models.CharField(max_length=40)
    thing = GenericForeignKey("kind", "number")
    text = models.TextField()


class Colour:
    """A value that only its own field knows."""

    def __init__(self, number):
        self.number = number

    def __eq__(self, other):
        return isinstance(other, Colour) and self.number == other.number

    def __hash__(self):
        return hash(self.number)

    def __str__(self):
        return f"#{self.number:06x}"


class ColourField(models.IntegerField):
    validators = ()
    """Those of numbers know no colours."""

    def from_db_value(self, value, expression, connection):
        return None if value is None else Colour(value)

    def to_python(self, value):
        if isinstance(value, str):
            return Colour(int(value.removeprefix("#"), 16))
        return value

    def get_prep_value(self, value):
        return value.number if isinstance(value, Colour) else value

    def value_to_string(self, obj):
        return str(self.value_from_object(obj))


class Value(models.Model):
    """A column of every type."""

    key = models.BigAutoField(primary_key=True)
    binary = models.BinaryField(null=True)
    boolean = models.BooleanField(null=True)
    colour = ColourField(null=True, blank=True)
    char = models.CharField(max_length=200, null=True, blank=True)
    date = models.DateField(null=True, blank=True)
    datetime = models.DateTimeField(null=True, blank=True)
    decimal = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    duration = models.DurationField(null=True, blank=True)
    email = models.EmailField(null=True, blank=True)
    file = models.FileField(null=True, blank=True)
    float = models.FloatField(null=True, blank=True)
    integer = models.IntegerField(null=True, blank=True)
    big = models.BigIntegerField(null=True, blank=True)
    small = models.SmallIntegerField(null=True, blank=True)
    positive = models.PositiveIntegerField(null=True, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    json = models.JSONField(null=True, blank=True)
    slug = models.SlugField(null=True, blank=True)
    text = models.TextField(null=True, blank=True)
    time = models.TimeField(null=True, blank=True)
    url = models.URLField(null=True, blank=True)
    uuid = models.UUIDField(null=True, blank=True)


class Place(models.Model):
    pk = models.CompositePrimaryKey("room", "shelf")
    room = models.CharField(max_length=20)
    shelf = models.IntegerField()
