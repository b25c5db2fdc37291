"""Promise 4: whatever the option, the key and the design, nothing is left to do afterwards."""

import uuid
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.db.models import Q, functions
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.translation import gettext_lazy as _

import dynschema
from dynschema.cleaning import forget_models
from dynschema.exceptions import InvalidDefinitionError
from dynschema.models import Change, Epoch, Field, Table
from surveymaker.models import Responses, Survey
from tests.forms.models import Design, Form
from tests.support import builders
from tests.support.builders import add, entries, survey
from tests.support.evolves import ddl, nothing_left_to_do
from tests.support.state import columns

pytestmark = pytest.mark.django_db

PARTS = {
    "number": models.IntegerField(default=1),
    "word": models.CharField(max_length=20, default=""),
    "neighbour": models.IntegerField(default=1),
}

OPTIONS = {
    "index": {"indexes": [models.Index(fields=["number", "-word"], name="both")]},
    "index unnamed": {"indexes": [models.Index(fields=["number"])]},
    "index partial": {
        "indexes": [models.Index(fields=["number"], name="some", condition=Q(number__gt=3))]
    },
    "index expression": {"indexes": [models.Index(functions.Lower("word"), name="lower")]},
    "index order": {"indexes": [models.Index(models.F("number").desc(), name="last")]},
    "unique together": {"unique_together": [("number", "word")]},
    "unique": {"constraints": [models.UniqueConstraint(fields=["number", "word"], name="once")]},
    "unique partial": {
        "constraints": [
            models.UniqueConstraint(fields=["number"], name="once", condition=Q(word="it's"))
        ]
    },
    "unique expression": {
        "constraints": [models.UniqueConstraint(functions.Upper("word"), name="loud")]
    },
    "check": {
        "constraints": [
            models.CheckConstraint(condition=Q(number__gte=0) | Q(word__in=["a", "b%"]), name="ok")
        ]
    },
    "check of text": {
        "constraints": [models.CheckConstraint(condition=Q(word__contains="100%"), name="ok")]
    },
    "all of them": {
        "indexes": [models.Index(fields=["word"], name="words")],
        "constraints": [
            models.CheckConstraint(condition=~Q(number=7), name="not_seven"),
            models.UniqueConstraint(fields=["word", "number"], name="pair"),
        ],
        "ordering": ["number"],
        "verbose_name": "lunch",
    },
}


@pytest.mark.parametrize("meta", OPTIONS.values(), ids=OPTIONS)
def test_after_the_table_was_created_with_the_option(meta):
    form = builders.form("lunch", Design(meta=meta), **PARTS)

    assert nothing_left_to_do(form)


@pytest.mark.parametrize("meta", OPTIONS.values(), ids=OPTIONS)
def test_after_the_option_came_went_and_came_again(meta):
    form = builders.form("lunch", **PARTS)

    for design in (Design(meta=meta), Design(), Design(meta=meta)):
        builders.redesign(form, design)

        assert nothing_left_to_do(form)


@pytest.mark.parametrize("meta", OPTIONS.values(), ids=OPTIONS)
def test_after_a_table_with_the_option_was_renamed(meta):
    form = builders.form("lunch", Design(meta=meta), **PARTS)

    form.name = "dinner"
    form.save()

    assert nothing_left_to_do(form)


class Stamped(models.Model):
    note = models.CharField(max_length=30, db_index=True)
    owner = models.ForeignKey(User, models.CASCADE, null=True, related_name="%(class)s_notes")

    class Meta:
        abstract = True
        app_label = "forms"


class Numbered(models.Model):
    code = models.UUIDField(primary_key=True, default=uuid.uuid4)

    class Meta:
        abstract = True
        app_label = "forms"


@pytest.mark.parametrize(
    "design",
    [
        Design(bases=(Stamped,)),
        Design(bases=(Numbered,)),
        Design(bases=(Stamped, Numbered)),
        Design(fields={"slug": models.SlugField(primary_key=True)}),
        Design(fields={"id": models.SmallAutoField(primary_key=True)}),
        Design(fields={"created": models.DateTimeField(auto_now_add=True)}),
        Design(db_table="Odd Table"),
        Design(db_table="t" * 63),
        Design(db_table="umfrage_über_die_zufriedenheit_der_leute"),
    ],
    ids=[
        "base",
        "key of a base",
        "two bases",
        "text key",
        "auto key",
        "field",
        "odd",
        "long",
        "more bytes than letters",
    ],
)
def test_after_a_table_of_any_design_was_created(design):
    boss = models.ForeignKey("auth.User", models.CASCADE, null=True, related_name="+")
    form = builders.form("lunch", design, **PARTS, boss=boss)

    assert nothing_left_to_do(form)
    entries(form).objects.create()


def test_after_two_forms_that_point_to_each_other_were_created_in_one_block():
    with dynschema.atomic():
        chicken, egg = Form.objects.create(name="chicken"), Form.objects.create(name="egg")
        add(chicken, "egg", models.ForeignKey("forms.EggEntry", models.CASCADE, null=True))
        add(egg, "chicken", models.ForeignKey("forms.ChickenEntry", models.CASCADE, null=True))

    assert nothing_left_to_do(chicken)
    assert nothing_left_to_do(egg)
    first = entries(egg).objects.create()
    entries(chicken).objects.create(egg=first)
    assert entries(egg).objects.filter(chickenentry__egg=first).count() == 1


def test_saving_an_unchanged_definition_runs_no_ddl_and_moves_nothing():
    lunch = survey("lunch", age="integer", name={"kind": "text", "unique": True}, who="user")
    before = (Epoch.objects.get().number, Change.objects.count())

    with CaptureQueriesContext(connection) as queries:
        lunch.save()
        for row in lunch.questions.all():
            row.save()

    assert ddl(queries) == []
    assert (Epoch.objects.get().number, Change.objects.count()) == before


@pytest.mark.parametrize("language", ["de", "fr"])
def test_saving_an_unchanged_definition_in_another_language_moves_nothing(language):
    field = models.IntegerField(verbose_name=_("number"))
    form = builders.form("lunch", Design(meta={"verbose_name": _("user")}), age=field)
    before = Epoch.objects.get().number

    with translation.override(language):
        form.save()

    assert Epoch.objects.get().number == before


def test_the_order_of_a_set_which_no_process_shares_moves_nothing():
    one, other = {0, 8}, {8, 0}
    form = builders.form("lunch", Design(attributes={"places": one}), **PARTS)
    before = Epoch.objects.get().number

    builders.redesign(form, Design(attributes={"places": other}))

    assert list(one) != list(other)
    assert Epoch.objects.get().number == before


def test_a_second_sync_after_every_step_of_a_long_life_finds_nothing():
    lunch = survey("lunch", age="integer")
    for step in (
        lambda: builders.question(lunch, "name", "text", unique=True),
        lambda: lunch.questions.filter(slug="age").first().delete(),
        lambda: builders.question(lunch, "age", "decimal"),
        lambda: setattr(lunch, "slug", "dinner") or lunch.save(),
        lambda: builders.question(lunch, "before", "survey", choices="dinner"),
    ):
        step()

        assert not Responses.sync(lunch)


def test_what_the_history_knows_is_what_the_catalog_says():
    survey("lunch", age="integer", name={"kind": "text", "unique": True})

    table = Table.objects.get(name="surveymaker_lunchresponse")

    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table.name)
    names = {each.name for each in described}
    assert names == set(Field.objects.filter(table=table).values_list("column", flat=True))


def test_after_a_form_with_a_manager_of_its_own_was_created():
    class Adults(models.Manager):
        def get_queryset(self):
            return super().get_queryset().filter(number__gte=18)

    form = builders.form("lunch", Design(attributes={"objects": Adults()}), **PARTS)

    entries(form).objects.create(number=3)

    assert nothing_left_to_do(form)
    assert entries(form).objects.count() == 0


def test_after_a_field_was_taken_from_another_model():
    form = builders.form("lunch", Design(fields={"question": Survey._meta.get_field("title")}))

    entries(form).objects.create(question="Hungry?")

    assert nothing_left_to_do(form)
    assert [each.name for each in entries(form)._meta.fields] == ["id", "question"]
    assert columns(entries(form)._meta.db_table) == ["id", "question"]


class Nowhere(models.IntegerField):
    """A field that the database does not know."""

    def db_type(self, connection: Any) -> None:
        return None


COLUMNLESS = {
    "visits": lambda: {"visits": GenericRelation(LogEntry, object_id_field="object_id")},
    "two": lambda: {"visits": GenericRelation(LogEntry), "none": models.IntegerField(null=True)},
    "about": lambda: {
        "kind": models.ForeignKey(ContentType, models.CASCADE, related_name="+"),
        "number": models.IntegerField(),
        "about": GenericForeignKey("kind", "number"),
    },
    "nowhere": lambda: {"nowhere": Nowhere(default=3)},
}


@pytest.mark.parametrize("name", COLUMNLESS)
def test_after_a_field_without_a_column_was_asked_for(name):
    form = builders.form("lunch", Design(fields=COLUMNLESS[name]()))
    here = [each.name for each in entries(form)._meta.get_fields()]

    forget_models()

    assert set(COLUMNLESS[name]()) <= set(here)
    assert [each.name for each in entries(form)._meta.get_fields()] == here
    assert nothing_left_to_do(form)
    assert "None" not in columns(entries(form)._meta.db_table)
    assert "none_2" not in columns(entries(form)._meta.db_table)


@pytest.mark.parametrize("value", [None, models.IntegerField], ids=["nothing", "a class"])
def test_what_is_no_field_is_refused(value):
    with pytest.raises(InvalidDefinitionError) as caught:
        builders.form("lunch", Design(fields={"age": value}))

    assert str(caught.value) == f'[dynschema.E103] There is no field for "age", but {value!r}.'
