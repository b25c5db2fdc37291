"""Models with every field, index and constraint of Django that PostgreSQL has."""

import datetime
import uuid
from decimal import Decimal

from django.apps.registry import Apps
from django.contrib.postgres import constraints as postgres_constraints
from django.contrib.postgres import fields as postgres
from django.contrib.postgres import indexes
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models
from django.db.models.functions import Concat, Lower, Now, Pi, Upper

EXTENSIONS = ("btree_gist", "citext", "hstore")


def build_model(fields, meta=None, name="Thing", apps=None):
    """Build a model class in a registry of its own."""
    options = {"apps": apps or Apps(), "app_label": "things", **(meta or {})}
    attributes = {**fields, "Meta": type("Meta", (), options), "__module__": __name__}
    return type(name, (models.Model,), attributes)


def create_extensions():
    """Install what some fields need."""
    with connection.cursor() as cursor:
        for extension in EXTENSIONS:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")


FIELDS = {
    "auto": models.AutoField(primary_key=True),
    "big auto": models.BigAutoField(primary_key=True),
    "small auto": models.SmallAutoField(primary_key=True),
    "uuid key": models.UUIDField(primary_key=True, default=uuid.uuid4),
    "text key": models.CharField(max_length=20, primary_key=True),
    "big integer": models.BigIntegerField(),
    "binary": models.BinaryField(),
    "boolean": models.BooleanField(default=False),
    "char": models.CharField(max_length=20),
    "char without limit": models.CharField(),
    "char in C": models.CharField(max_length=20, db_collation="C"),
    "date": models.DateField(),
    "datetime": models.DateTimeField(auto_now_add=True),
    "decimal": models.DecimalField(max_digits=10, decimal_places=2),
    "duration": models.DurationField(),
    "email": models.EmailField(),
    "file": models.FileField(),
    "file path": models.FilePathField(),
    "float": models.FloatField(),
    "address": models.GenericIPAddressField(),
    "image": models.ImageField(),
    "integer": models.IntegerField(),
    "json": models.JSONField(default=dict),
    "positive": models.PositiveIntegerField(),
    "positive big": models.PositiveBigIntegerField(),
    "positive small": models.PositiveSmallIntegerField(),
    "slug": models.SlugField(),
    "small integer": models.SmallIntegerField(),
    "text": models.TextField(),
    "text in C": models.TextField(db_collation="C"),
    "time": models.TimeField(),
    "url": models.URLField(),
    "uuid": models.UUIDField(),
    "null": models.IntegerField(null=True),
    "unique": models.IntegerField(unique=True),
    "unique text": models.CharField(max_length=20, unique=True),
    "indexed": models.IntegerField(db_index=True),
    "indexed text": models.TextField(db_index=True),
    "indexed text in C": models.CharField(max_length=20, db_index=True, db_collation="C"),
    "array": postgres.ArrayField(models.IntegerField()),
    "array of char": postgres.ArrayField(models.CharField(max_length=5), size=3, default=list),
    "array of arrays": postgres.ArrayField(postgres.ArrayField(models.IntegerField(), size=2)),
    "hstore": postgres.HStoreField(),
    "integer range": postgres.IntegerRangeField(),
    "big integer range": postgres.BigIntegerRangeField(),
    "decimal range": postgres.DecimalRangeField(),
    "date range": postgres.DateRangeField(),
    "datetime range": postgres.DateTimeRangeField(),
    "search vector": SearchVectorField(null=True),
    "blind to case": models.CharField(max_length=20, db_collation="und-x-icu"),
    "default number": models.IntegerField(db_default=-5),
    "default text": models.CharField(max_length=20, db_default='a\'b 100% "x"'),
    "default empty": models.TextField(db_default=""),
    "default boolean": models.BooleanField(db_default=True),
    "default decimal": models.DecimalField(
        max_digits=8, decimal_places=3, db_default=Decimal("1.5")
    ),
    "default float": models.FloatField(db_default=Pi()),
    "default now": models.DateTimeField(db_default=Now()),
    "default date": models.DateField(db_default=datetime.date(2024, 2, 29)),
    "default moment": models.DateTimeField(
        db_default=datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.UTC)
    ),
    "default duration": models.DurationField(db_default=datetime.timedelta(days=1, seconds=5)),
    "default json": models.JSONField(db_default={"a": [1, None]}),
    "default uuid": models.UUIDField(db_default=uuid.UUID(int=7)),
    "default expression": models.IntegerField(db_default=models.Value(2) * models.Value(3)),
    "default array": postgres.ArrayField(models.IntegerField(), db_default=[1, 2]),
    "generated": models.GeneratedField(
        expression=models.F("a") * 2, output_field=models.BigIntegerField(), db_persist=True
    ),
    "generated rest": models.GeneratedField(
        expression=models.F("a") % models.F("a"),
        output_field=models.IntegerField(),
        db_persist=True,
    ),
    "generated text": models.GeneratedField(
        expression=Concat("b", models.Value("'%"), Upper("b")),
        output_field=models.CharField(max_length=50),
        db_persist=True,
    ),
    "generated unique": models.GeneratedField(
        expression=Lower("b"),
        output_field=models.CharField(max_length=50, db_collation="C"),
        db_persist=True,
        unique=True,
    ),
}

POSITIVE = models.Q(a__gt=0)
CONSTRAINTS = {
    "unique": models.UniqueConstraint(fields=["a", "b"], name="k"),
    "unique where": models.UniqueConstraint(fields=["a"], condition=POSITIVE, name="k"),
    "unique where like": models.UniqueConstraint(
        fields=["a"], condition=models.Q(b__startswith="50%"), name="k"
    ),
    "unique expression": models.UniqueConstraint(Lower("b"), models.F("a").desc(), name="k"),
    "unique deferrable": models.UniqueConstraint(
        fields=["a"], deferrable=models.Deferrable.DEFERRED, name="k"
    ),
    "unique immediate": models.UniqueConstraint(
        fields=["a"], deferrable=models.Deferrable.IMMEDIATE, name="k"
    ),
    "unique include": models.UniqueConstraint(fields=["a"], include=["b"], name="k"),
    "unique opclass": models.UniqueConstraint(
        fields=["b"], opclasses=["varchar_pattern_ops"], name="k"
    ),
    "unique nulls": models.UniqueConstraint(fields=["a"], nulls_distinct=False, name="k"),
    "check": models.CheckConstraint(condition=POSITIVE & ~models.Q(b=""), name="k"),
    "check in": models.CheckConstraint(condition=models.Q(b__in=["x", "50%'", 'y"']), name="k"),
    "check rest": models.CheckConstraint(
        condition=models.Q(a=models.F("a") % models.F("a")), name="k"
    ),
    "check text": models.CheckConstraint(condition=models.Q(b__icontains="a%b"), name="k"),
    "exclude": postgres_constraints.ExclusionConstraint(
        expressions=[("a", "="), ("r", "&&")], condition=POSITIVE, name="k"
    ),
    "exclude deferrable": postgres_constraints.ExclusionConstraint(
        expressions=[("r", "&&")], deferrable=models.Deferrable.DEFERRED, name="k"
    ),
}
INDEXES = {
    "plain": models.Index(fields=["a", "-b"], name="k"),
    "where": models.Index(fields=["a"], condition=POSITIVE, name="k"),
    "include": models.Index(fields=["a"], include=["b", "r"], name="k"),
    "expression": models.Index(Lower("b"), models.F("a") + 1, name="k"),
    "nulls": models.Index(models.F("a").desc(nulls_last=True), name="k"),
    "opclass": models.Index(fields=["b"], opclasses=["text_pattern_ops"], name="k"),
    "gin": indexes.GinIndex(fields=["j"], fastupdate=False, name="k"),
    "gin opclass": indexes.GinIndex(fields=["j"], opclasses=["jsonb_path_ops"], name="k"),
    "brin": indexes.BrinIndex(fields=["a"], pages_per_range=4, autosummarize=True, name="k"),
    "gist": indexes.GistIndex(fields=["r"], name="k"),
    "hash": indexes.HashIndex(fields=["a"], name="k"),
    "btree": indexes.BTreeIndex(fields=["a"], fillfactor=70, name="k"),
}


def base_fields():
    """Give the columns that the fields, indexes and constraints above speak of."""
    return {
        "a": models.IntegerField(null=True),
        "b": models.CharField(max_length=20),
        "j": models.JSONField(default=dict),
        "r": postgres.IntegerRangeField(null=True),
    }


def models_with_every_option():
    """Give a model for each field, constraint and index, by the word for it."""
    found = {word: {"fields": {"x": field.clone()}} for word, field in FIELDS.items()}
    found |= {f"constraint {k}": {"meta": {"constraints": [v]}} for k, v in CONSTRAINTS.items()}
    found |= {f"index {k}": {"meta": {"indexes": [v]}} for k, v in INDEXES.items()}
    return {
        word: build_model(base_fields() | parts.get("fields", {}), parts.get("meta"))
        for word, parts in found.items()
    }
