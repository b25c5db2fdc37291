"""Promise 8: code that asks for more than the table has works with the table until the sync."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models

from dynschema.cleaning import forget_models
from dynschema.exceptions import NameTakenError
from tests.forms.models import DESIGNS, FIELDS, Design, Entries, Form
from tests.support import builders
from tests.support.amounts import AmountField, OneUnitField, PlainAmountField
from tests.support.builders import add, entries
from tests.support.evolves import nothing_left_to_do

pytestmark = pytest.mark.django_db


class Newer(models.Model):
    """Fields as a release adds them to what all records have."""

    rank = models.IntegerField(default=1)
    owner = models.ForeignKey(User, models.CASCADE, null=True, related_name="entries")
    price = AmountField()

    class Meta:
        abstract = True
        app_label = "forms"


NEWER = {
    "fields": Design(
        fields={
            "rank": models.IntegerField(default=1),
            "owner": models.ForeignKey(User, models.CASCADE, null=True, related_name="entries"),
            "price": AmountField(),
        }
    ),
    "bases": Design(bases=(Newer,)),
}


def release(form: Form, design: Design) -> None:
    """Let a new process have other code."""
    DESIGNS[form.design] = design
    forget_models()


@pytest.mark.parametrize("where", NEWER)
def test_a_field_whose_column_is_not_there_is_left_out_until_the_sync(where):
    form = builders.form("lunch", Design(), age=models.IntegerField(null=True))
    entries(form).objects.create(age=3)

    release(form, NEWER[where])

    assert [each.name for each in entries(form)._meta.fields] == ["id", "age"]
    entries(form).objects.create(age=4)
    assert list(entries(form).objects.values_list("age", flat=True)) == [3, 4]
    User.objects.create(username="ada").delete()

    Entries.sync(form)

    names = ("age", "rank", "owner", "price", "price_unit")
    assert list(entries(form).objects.values_list(*names)) == [
        (3, 1, None, None, "EUR"),
        (4, 1, None, None, "EUR"),
    ]
    assert User.objects.create(username="ada").entries.count() == 0
    assert nothing_left_to_do(form)


class Ranked(models.Model):
    rank = models.IntegerField(default=1)
    title = models.CharField(max_length=20, default="t")

    class Meta:
        abstract = True
        app_label = "forms"
        ordering = ["-rank", "pk"]
        indexes = [models.Index(fields=["rank"])]
        constraints = [models.UniqueConstraint("rank", "title", name="%(class)s_rank")]


def test_options_that_name_such_a_field_wait_for_the_sync_too():
    form = builders.form("lunch", Design(), age=models.IntegerField(null=True))

    release(form, Design(bases=(Ranked,)))

    entry = entries(form)(age=3)
    entry.full_clean()
    entry.save()
    assert list(entries(form).objects.values_list("age", flat=True)) == [3]

    plan = Entries.sync(form)

    added = [each.code for each in plan.operations]
    assert added == ["add_field", "add_field", "add_unique", "add_index"]
    assert entries(form)._meta.ordering == ["-rank", "pk"]
    assert nothing_left_to_do(form)


TEXT = models.CharField(max_length=9, default="t")
OWNER = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")


@pytest.mark.parametrize(
    ("new", "meta"),
    [
        ({"owner": OWNER}, {"ordering": ["owner__username", "-owner_id", "pk"]}),
        ({"owner": OWNER}, {"ordering": [models.F("owner__username").asc()]}),
        ({"price": AmountField()}, {"ordering": ["price_unit"]}),
        ({"name": TEXT}, {"unique_together": ("name", "title")}),
        ({"name": TEXT}, {"indexes": [models.Index(fields=["name"], name="by_name")]}),
    ],
    ids=["ordering", "expression", "companion", "unique together", "index"],
)
def test_options_wait_however_they_name_such_a_field_and_others_do_not(new, meta):
    unique = [models.UniqueConstraint(fields=["title"], name="one_title")]
    titled = Design(fields={"title": TEXT}, meta={"constraints": unique})
    form = builders.form("lunch", titled)
    entries(form).objects.create(title="a")

    release(form, Design(fields={"title": TEXT, **new}, meta={"constraints": unique, **meta}))

    assert [each.title for each in entries(form).objects.all()] == ["a"]
    entries(form)(title="b").full_clean()
    with pytest.raises(ValidationError, match="already exists"):
        entries(form)(title="a").full_clean()
    Entries.sync(form)
    assert nothing_left_to_do(form)


class Titled(models.Model):
    title = models.CharField(max_length=20, default="t")

    class Meta:
        abstract = True
        app_label = "forms"


class TitleMixin:
    @property
    def title(self) -> str:
        return "of the mixin"


@pytest.mark.parametrize(
    ("design", "title"),
    [
        (Design(bases=(Titled,), attributes={"title": property(lambda self: "own")}), "own"),
        (Design(bases=(TitleMixin, Titled)), "of the mixin"),
    ],
    ids=["attribute", "mixin"],
)
def test_what_hides_a_field_of_a_base_is_no_field_that_waits(design, title):
    form = builders.form("lunch", design)
    entries(form).objects.create()

    forget_models()

    assert entries(form).objects.get().title == title


def test_a_field_waits_for_what_its_newer_release_brings_along(monkeypatch):
    form = builders.form("lunch", price=PlainAmountField(), age=models.IntegerField(null=True))
    entries(form).objects.create(price=2)

    row = form.inputs.get(name="price")
    monkeypatch.setitem(FIELDS, row.field, AmountField())
    forget_models()

    assert [each.name for each in entries(form)._meta.fields] == ["id", "age"]
    Entries.sync(form)
    assert entries(form).objects.values_list("price", "price_unit").get() == (2, "EUR")
    assert nothing_left_to_do(form)


def test_all_fields_wait_for_what_they_begin_to_share(monkeypatch):
    form = builders.form("lunch", price=PlainAmountField(), cost=PlainAmountField())
    entries(form).objects.create(price=1, cost=2)

    for row in form.inputs.all():
        monkeypatch.setitem(FIELDS, row.field, OneUnitField())
    forget_models()

    assert [each.name for each in entries(form)._meta.fields] == ["id"]
    Entries.sync(form)
    assert entries(form).objects.values_list("price", "cost", "currency").get() == (1, 2, "EUR")


@pytest.mark.parametrize("name", ["tidy", "cheap"])
def test_no_field_replaces_what_all_records_have(name):
    attributes = {"tidy": lambda self: "tidy", "cheap": models.Manager()}
    form = builders.form("lunch", Design(attributes=attributes))

    with pytest.raises(NameTakenError) as error:
        add(form, name, models.TextField(null=True))

    assert str(error.value) == (
        f'[dynschema.E102] The name "{name}" is taken by the attribute "{name}", which every '
        "record has. Choose another name."
    )
    assert not form.inputs.exists()


def test_a_method_that_django_would_make_for_a_field_may_be_an_attribute():
    design = Design(attributes={"get_kind_display": lambda self: f"kind {self.kind}"})
    form = builders.form("lunch", design)

    add(form, "kind", models.TextField(choices=[("a", "A")], null=True))

    assert entries(form)(kind="a").get_kind_display() == "kind a"
