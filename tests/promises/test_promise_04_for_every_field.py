"""Promise 4: whatever the field, and however the table got there, nothing is left to do."""

import datetime
import decimal
import uuid

import pytest
from django.contrib.auth.models import User
from django.db import connection, models
from django.db.models import functions

from tests.forms.models import Entries, Form
from tests.support import builders
from tests.support.builders import add, entries, rename, retire
from tests.support.evolves import nothing_left_to_do

pytestmark = pytest.mark.django_db

LETTERS = [("a", "Anna"), ("b", "Bert")]


def to_user(**options) -> models.ForeignKey:
    return models.ForeignKey(User, models.CASCADE, related_name="+", **options)


FIELDS = {
    "auto": models.IntegerField(null=True),
    "bigint": models.BigIntegerField(null=True),
    "binary": models.BinaryField(null=True),
    "boolean": models.BooleanField(null=True),
    "char": models.CharField(max_length=20, null=True),
    "char_choices": models.CharField(max_length=1, choices=LETTERS, null=True),
    "date": models.DateField(null=True),
    "datetime": models.DateTimeField(null=True),
    "decimal": models.DecimalField(max_digits=8, decimal_places=2, null=True),
    "duration": models.DurationField(null=True),
    "email": models.EmailField(null=True),
    "file": models.FileField(null=True),
    "filepath": models.FilePathField(null=True),
    "float": models.FloatField(null=True),
    "image": models.FileField(upload_to="images", max_length=40, null=True),
    "ip": models.GenericIPAddressField(null=True),
    "json": models.JSONField(null=True),
    "positive": models.PositiveIntegerField(null=True),
    "positive_big": models.PositiveBigIntegerField(null=True),
    "positive_small": models.PositiveSmallIntegerField(null=True),
    "slug": models.SlugField(null=True),
    "slug_plain": models.SlugField(null=True, db_index=False),
    "small": models.SmallIntegerField(null=True),
    "text": models.TextField(null=True),
    "time": models.TimeField(null=True),
    "url": models.URLField(null=True),
    "uuid": models.UUIDField(null=True),
    "unique": models.IntegerField(null=True, unique=True),
    "unique_char": models.CharField(max_length=9, null=True, unique=True),
    "unique_text": models.TextField(null=True, unique=True),
    "indexed": models.IntegerField(null=True, db_index=True),
    "indexed_char": models.CharField(max_length=9, null=True, db_index=True),
    "column": models.IntegerField(null=True, db_column="Odd Column"),
    "comment": models.IntegerField(null=True, db_comment="It's a comment"),
    "default": models.IntegerField(default=3),
    "default_text": models.CharField(max_length=20, default='it\'s 100% \\ "ok"'),
    "default_date": models.DateField(default=datetime.date(2024, 2, 29)),
    "default_callable": models.UUIDField(default=uuid.uuid4),
    "default_json": models.JSONField(default=dict),
    "default_boolean": models.BooleanField(default=False),
    "default_decimal": models.DecimalField(
        max_digits=5, decimal_places=2, default=decimal.Decimal("1.50")
    ),
    "default_duration": models.DurationField(default=datetime.timedelta(hours=1)),
    "now": models.DateTimeField(auto_now=True),
    "added": models.DateField(auto_now_add=True),
    "db_integer": models.IntegerField(db_default=3),
    "db_text": models.CharField(max_length=20, db_default="it's 100%"),
    "db_boolean": models.BooleanField(db_default=True),
    "db_decimal": models.DecimalField(
        max_digits=5, decimal_places=2, db_default=decimal.Decimal("1.50")
    ),
    "db_nullable": models.IntegerField(null=True, db_default=3),
    "db_indexed": models.SmallIntegerField(db_default=3, db_index=True),
    "user": to_user(null=True),
    "user_one": models.OneToOneField(User, models.CASCADE, null=True, related_name="+"),
    "user_unindexed": to_user(null=True, db_index=False),
    "user_loose": to_user(null=True, db_constraint=False),
    "user_column": to_user(null=True, db_column="who"),
    "user_by_name": to_user(null=True, to_field="username"),
    "me": models.ForeignKey("self", models.SET_NULL, null=True, related_name="+"),
    "me_one": models.OneToOneField("self", models.SET_NULL, null=True, related_name="+"),
    "static": models.ForeignKey("forms.Form", models.CASCADE, null=True),
    "dynamic": models.ForeignKey("forms.OtherEntry", models.CASCADE, null=True),
    "dynamic_one": models.OneToOneField(
        "forms.OtherEntry", models.CASCADE, null=True, related_name="+"
    ),
    "doubled": models.GeneratedField(
        expression=models.F("number") * 2, output_field=models.IntegerField(), db_persist=True
    ),
    "loud": models.GeneratedField(
        expression=functions.Upper("word"),
        output_field=models.CharField(max_length=20),
        db_persist=True,
    ),
}
ADDABLE = [name for name in FIELDS if name not in {"doubled", "loud"}]
"""SQLite adds no stored generated column to a table."""

PARTS = {
    "number": models.IntegerField(default=1),
    "word": models.CharField(max_length=20, default=""),
    "neighbour": models.IntegerField(default=1),
}


def is_spelled_otherwise(name: str) -> bool:
    """Django writes UNIQUE into an SQLite column, where we make an index that can go again."""
    return connection.vendor == "sqlite" and FIELDS[name].unique


@pytest.fixture(autouse=True)
def other() -> Form:
    """Give the form that others point to."""
    return builders.form("other", host=models.TextField(null=True))


def fresh(name: str) -> models.Field:
    return FIELDS[name].clone()


@pytest.mark.parametrize("name", FIELDS)
def test_after_the_table_was_created_with_the_field(name):
    form = builders.form("lunch", **PARTS, field=fresh(name))

    assert nothing_left_to_do(form)


@pytest.mark.parametrize("name", ADDABLE)
def test_after_the_field_was_added_to_rows_that_were_there(name):
    form = builders.form("lunch", **PARTS)
    entries(form).objects.create()

    add(form, "field", fresh(name))

    assert nothing_left_to_do(form)
    assert entries(form).objects.count() == 1


@pytest.mark.parametrize("name", FIELDS)
def test_after_the_field_was_renamed(name):
    form = builders.form("lunch", **PARTS, field=fresh(name))

    rename(form, "field", "renamed")

    assert nothing_left_to_do(form)


@pytest.mark.parametrize("name", ADDABLE)
def test_after_the_field_went_and_came_back(name):
    form = builders.form("lunch", **PARTS, field=fresh(name))
    entries(form).objects.create()

    retire(form, "field").save(force_insert=True)

    assert nothing_left_to_do(form)


@pytest.mark.parametrize("name", FIELDS)
def test_after_the_table_was_renamed(name):
    form = builders.form("lunch", **PARTS, field=fresh(name))

    form.name = "dinner"
    form.save()

    assert nothing_left_to_do(form)


@pytest.mark.parametrize("name", FIELDS)
def test_after_a_neighbour_made_sqlite_rebuild_the_table(name):
    form = builders.form("lunch", **PARTS, field=fresh(name))

    builders.change(form, "neighbour", models.PositiveBigIntegerField(default=1))

    assert nothing_left_to_do(form)


@pytest.mark.parametrize("name", [name for name in FIELDS if not is_spelled_otherwise(name)])
def test_after_the_editor_of_django_made_the_same_table(name):
    """Drop the table and have Django make it anew: what it makes is what was wanted."""
    form = builders.form("lunch", **PARTS, field=fresh(name))
    model = entries(form)

    made_by_django(model)

    plan = Entries.sync(form)
    assert [each.describe() for each in plan.operations] == []
    assert plan.unsure == ()


def made_by_django(model: type[models.Model]) -> None:
    """Let Django's own editor make the table; it refuses a transaction on SQLite, so it is told."""
    editor = connection.SchemaEditorClass(connection, atomic=False)
    editor.deferred_sql = []
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TABLE "{model._meta.db_table}"')
    editor.create_model(model)
    for statement in editor.deferred_sql:
        editor.execute(statement, None)


def test_after_all_fields_came_one_by_one_and_at_once():
    one_by_one = builders.form("lunch", **PARTS)
    for name in ADDABLE:
        add(one_by_one, name, fresh(name))
    at_once = builders.form("dinner", **PARTS, **{name: fresh(name) for name in FIELDS})

    assert nothing_left_to_do(one_by_one)
    assert nothing_left_to_do(at_once)
