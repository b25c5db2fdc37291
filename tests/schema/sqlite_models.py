"""Models with every field and option of Django that SQLite knows columns or indexes for."""

import datetime
import uuid
from decimal import Decimal

from django.apps.registry import Apps
from django.db import models
from django.db.models.functions import Collate, Concat, Lower, Now, Pi, Upper


def build_model(fields, meta=None):
    """Build a model class in a registry of its own."""
    options = {"apps": Apps(), "app_label": "things", **(meta or {})}
    attributes = {**fields, "Meta": type("Meta", (), options), "__module__": __name__}
    return type("Thing", (models.Model,), attributes)


FIELDS = {
    "auto": models.AutoField(primary_key=True),
    "big auto": models.BigAutoField(primary_key=True),
    "small auto": models.SmallAutoField(primary_key=True),
    "uuid key": models.UUIDField(primary_key=True, default=uuid.uuid4),
    "text key": models.CharField(max_length=20, primary_key=True),
    "big integer": models.BigIntegerField(default=0),
    "binary": models.BinaryField(),
    "boolean": models.BooleanField(default=False),
    "char": models.CharField(max_length=20),
    "char without limit": models.CharField(),
    "char blind to case": models.CharField(max_length=20, db_collation="NOCASE"),
    "date": models.DateField(),
    "datetime": models.DateTimeField(auto_now_add=True),
    "decimal": models.DecimalField(max_digits=10, decimal_places=2),
    "duration": models.DurationField(),
    "email": models.EmailField(),
    "file": models.FileField(),
    "float": models.FloatField(),
    "address": models.GenericIPAddressField(),
    "integer": models.IntegerField(),
    "json": models.JSONField(default=dict),
    "positive": models.PositiveIntegerField(),
    "positive big": models.PositiveBigIntegerField(),
    "positive small": models.PositiveSmallIntegerField(),
    "slug": models.SlugField(),
    "small integer": models.SmallIntegerField(),
    "text": models.TextField(),
    "text blind to case": models.TextField(db_collation="NOCASE"),
    "time": models.TimeField(),
    "url": models.URLField(),
    "uuid": models.UUIDField(),
    "null": models.IntegerField(null=True),
    "json or null": models.JSONField(null=True),
    "unique": models.IntegerField(unique=True),
    "indexed": models.IntegerField(db_index=True),
    "itself": models.ForeignKey("self", models.CASCADE, null=True),
    "itself alone": models.OneToOneField("self", models.CASCADE, null=True),
    "default number": models.IntegerField(db_default=-5),
    "default text": models.CharField(max_length=20, db_default='a\'b 100% ("x"'),
    "default empty": models.TextField(db_default=""),
    "default boolean": models.BooleanField(db_default=True),
    "default decimal": models.DecimalField(
        max_digits=8, decimal_places=3, db_default=Decimal("1.5")
    ),
    "default float": models.FloatField(db_default=1e-7),
    "default expression": models.FloatField(db_default=Pi()),
    "default now": models.DateTimeField(db_default=Now()),
    "default date": models.DateField(db_default=datetime.date(2024, 2, 29)),
    "default duration": models.DurationField(db_default=datetime.timedelta(days=1, seconds=5)),
    "default json": models.JSONField(db_default={"a": [1, None]}),
    "default uuid": models.UUIDField(db_default=uuid.UUID(int=7)),
    "default sum": models.IntegerField(db_default=models.Value(2) * models.Value(3)),
    "generated": models.GeneratedField(
        expression=models.F("a") * 2, output_field=models.BigIntegerField(), db_persist=True
    ),
    "generated text": models.GeneratedField(
        expression=Concat("b", models.Value("'%"), Upper("b")),
        output_field=models.CharField(max_length=50),
        db_persist=False,
    ),
    "generated unique": models.GeneratedField(
        expression=Lower("b"),
        output_field=models.CharField(max_length=50, db_collation="NOCASE"),
        db_persist=True,
        unique=True,
    ),
    "named with hostility": models.IntegerField(db_column="a, (c' -- 100%", unique=True),
    "named in unicode": models.PositiveIntegerField(db_column="größe", db_index=True),
}

POSITIVE = models.Q(a__gt=0)
CONSTRAINTS = {
    "unique": models.UniqueConstraint(fields=["a", "b"], name="k"),
    "unique where": models.UniqueConstraint(fields=["a"], condition=POSITIVE, name="k"),
    "unique where like": models.UniqueConstraint(
        fields=["a"], condition=models.Q(b__startswith="50%"), name="k"
    ),
    "unique expression": models.UniqueConstraint(Lower("b"), models.F("a").desc(), name="k"),
    "check": models.CheckConstraint(condition=POSITIVE & ~models.Q(b=""), name="k"),
    "check in": models.CheckConstraint(condition=models.Q(b__in=["x", "50%'", 'y"']), name="k"),
    "check text": models.CheckConstraint(condition=models.Q(b__icontains="a%b"), name="k"),
    "check minus": models.CheckConstraint(condition=models.Q(a__gt=-1.5e-9), name="k"),
}
INDEXES = {
    "plain": models.Index(fields=["a", "-b"], name="k"),
    "where": models.Index(fields=["a"], condition=POSITIVE, name="k"),
    "expression": models.Index(Lower("b"), models.F("a") - 1, name="k"),
    "collation": models.Index(Collate("b", "nocase"), name="k"),
}


def base_fields():
    """Give the columns that the fields, indexes and constraints above speak of."""
    return {"a": models.IntegerField(null=True), "b": models.CharField(max_length=20)}


def models_with_every_option():
    """Give a model for each field, constraint and index, by the word for it."""
    found = {word: {"fields": {"x": field.clone()}} for word, field in FIELDS.items()}
    found |= {f"constraint {k}": {"meta": {"constraints": [v]}} for k, v in CONSTRAINTS.items()}
    found |= {f"index {k}": {"meta": {"indexes": [v]}} for k, v in INDEXES.items()}
    found["together"] = {"meta": {"unique_together": [("a", "b")]}}
    return {
        word: build_model(base_fields() | parts.get("fields", {}), parts.get("meta"))
        for word, parts in found.items()
    }
