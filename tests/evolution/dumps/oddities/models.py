"""Models, tables, columns and fields that are called like something else."""
# ruff: noqa: DJ008, N815 - nobody reads them, and names are odd

from json import JSONDecoder

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models

from tests.evolution.dumps.museum.models import ColourField


class Arguments(models.Model):
    """Fields that are called like what the function of a dump uses."""

    kw = models.CharField(max_length=9)
    dict = models.CharField(max_length=9)
    loader = models.CharField(max_length=9)
    new_content_type_id = models.CharField(max_length=9)
    retired_Arguments = models.CharField(max_length=9)
    größe = models.CharField(max_length=9)
    kind = models.ForeignKey(ContentType, models.CASCADE)


# As after `inspectdb`, or from rows: Python alone would not take these for names.
for name in ("class", "None", "ﬁeld"):
    Arguments.add_to_class(name, models.CharField(max_length=9))


class Odd(models.Model):
    """Names that only a database can hold."""

    name = models.CharField(max_length=9, db_column="a name; -- really")
    data = models.JSONField(db_column="j.son -- \u00fc", null=True)

    class Meta:
        db_table = "odd table; of all"


class Calendar(models.Model):
    """Its table is called like a module of Python."""

    day = models.DateField()

    class Meta:
        db_table = "calendar"


class Child(models.Model):
    """Its table is called like what dumps have for children of models."""

    name = models.CharField(max_length=9)

    class Meta:
        db_table = "mti_child"


class Person(models.Model):
    code = models.CharField(max_length=9, primary_key=True)


class Relative(Person):
    parent = models.CharField(max_length=9)
    child = models.CharField(max_length=9)


class Grandchild(Relative):
    pupil = models.BooleanField()


class Node(models.Model):
    """Looks for others when it is validated."""

    name = models.CharField(max_length=9)
    above = models.ForeignKey("self", models.CASCADE, null=True)

    def clean(self):
        if self.above and self.above.name == self.name:
            raise ValidationError("It is called like the one above it.")
        if self.name == "lost":
            Node.objects.get(name="found")


class Paint(models.Model):
    colour = ColourField(primary_key=True)


class Wall(models.Model):
    paint = models.ForeignKey(Paint, models.CASCADE)


class Thing:
    """Nothing can be made of its text."""

    def __repr__(self):
        return "a thing"


class ThingField(models.IntegerField):
    def from_db_value(self, value, expression, connection):
        return value if value is None else Thing()

    def to_python(self, value):
        return value

    def get_prep_value(self, value):
        return 1 if isinstance(value, Thing) else value


class ThingDecoder(JSONDecoder):
    """Makes things of all objects."""

    def __init__(self):
        super().__init__(object_hook=lambda found: Thing())


class Drawer(models.Model):
    thing = ThingField(null=True)
    things = models.JSONField(null=True, decoder=ThingDecoder)


class Measure(models.Model):
    exact = models.DecimalField(max_digits=40, decimal_places=20, null=True)
    rough = models.FloatField(null=True)
