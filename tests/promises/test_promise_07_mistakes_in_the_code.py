"""Promise 7: what a blueprint gets wrong is refused in words, before anything is stored."""

import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import django
import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.db import models
from django.db.models.signals import class_prepared

from dynschema.exceptions import DuplicateValuesError, DynschemaError, InvalidDefinitionError
from tests.forms.models import Design, Entries
from tests.support import builders
from tests.support.builders import entries
from tests.support.state import state

pytestmark = pytest.mark.django_db


class Liked(models.Model):
    """A base whose field would need a second table."""

    fans = models.ManyToManyField(User)

    class Meta:
        abstract = True
        app_label = "forms"


class Unmanaged(models.Model):
    class Meta:
        abstract = True
        managed = False
        app_label = "forms"


def refusal(change: Callable[[], object]) -> DynschemaError:
    """Return the refusal, after which nothing was stored and nothing created."""
    before = state()
    with pytest.raises(DynschemaError) as error:
        change()
    assert state().differences(before) == []
    return error.value


@pytest.mark.parametrize(
    ("method", "answer", "wanted"),
    [
        ("model_name", None, "a text"),
        ("model_name", 3, "a text"),
        ("field_name", None, "a text"),
        ("fields", [("age", models.IntegerField)], "a dict of fields by name"),
        ("fields", {1: None}, "a dict of fields by name"),
        ("bases", None, "a tuple of classes with a model among them"),
        ("bases", (object,), "a tuple of classes with a model among them"),
        ("bases", (), "a tuple of classes with a model among them"),
        ("bases", models.Model, "a tuple of classes with a model among them"),
        ("bases", ("Model",), "a tuple of classes with a model among them"),
        ("meta", None, "a dict of options by name"),
        ("attributes", [], "a dict of attributes by name"),
        ("db_table", 3, "a text or None"),
    ],
)
def test_an_answer_of_the_wrong_sort_is_refused(
    method: str, answer: Any, wanted: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Entries, method, lambda *_: answer)

    error = refusal(lambda: builders.form("lunch", age=models.IntegerField()))

    assert str(error) == (
        f"[dynschema.E103] forms.Entries.{method}() gives {answer!r}, where {wanted} is needed. "
        "Correct the blueprint."
    )
    assert error.definition.name == ("age" if method == "field_name" else "lunch")


@pytest.mark.parametrize(
    ("design", "why"),
    [
        (Design(bases=(User,)), "its base User is not abstract"),
        (Design(bases=(Liked,)), 'its field "fans" is many-to-many, which is not possible yet'),
        (
            Design(attributes={"fans": models.ManyToManyField(User)}),
            'its field "fans" is many-to-many, which is not possible yet',
        ),
        (
            Design(attributes={"Meta": type("Meta", (), {"ordering": ["id"]})}),
            "its attributes have a Meta, which would do nothing there; use meta()",
        ),
        (
            Design(meta={"managed": False}),
            "it has managed = False, and its table follows its definition; leave that out",
        ),
        (
            Design(bases=(Unmanaged,)),
            "it has managed = False, and its table follows its definition; leave that out",
        ),
    ],
    ids=["concrete base", "base", "attribute", "Meta", "managed", "unmanaged base"],
)
def test_what_cannot_be_made_is_refused_under_the_name_of_its_model(design: Design, why: str):
    error = refusal(lambda: builders.form("lunch", design, age=models.IntegerField()))

    assert str(error) == f'[dynschema.E103] The model "forms.LunchEntry" cannot be made: {why}.'
    assert error.definition.name == "lunch"


@pytest.mark.parametrize("target", ["auth.Permission", Permission, None])
def test_a_field_that_needs_a_table_of_its_own_is_refused(target: Any):
    """Tags of django-taggit name no model before they belong to a class."""
    field = models.ManyToManyField(target or Permission)
    field.remote_field.model = target
    static = Design(fields={"tags": field})

    error = refusal(lambda: builders.form("lunch", static))

    assert str(error) == (
        '[dynschema.E103] The field "tags" is many-to-many, and would need a table of its own, '
        "which is not possible yet. Use a definition with two references in its place."
    )


class History:
    """Keeps former values in a model of its own, as the one of django-simple-history does."""

    def contribute_to_class(self, model: type[models.Model], name: str) -> None:
        self.model = model
        class_prepared.connect(self.finalize, weak=False, dispatch_uid="history")

    def finalize(self, sender: type[models.Model], **_: Any) -> None:
        if issubclass(sender, self.model) and not sender._meta.abstract:
            meta = type("Meta", (), {"app_label": "forms"})
            body = {"__module__": __name__, "Meta": meta}
            type(f"Historical{sender.__name__}", (models.Model,), body)


def with_a_base() -> Design:
    meta = type("Meta", (), {"app_label": "forms", "abstract": True})
    body = {"__module__": __name__, "history": History(), "Meta": meta}
    return Design(bases=(type("Remembering", (models.Model,), body),))


def with_an_attribute() -> Design:
    return Design(attributes={"history": History()})


@pytest.fixture
def unheard() -> Iterator[None]:
    yield
    class_prepared.disconnect(dispatch_uid="history")


@pytest.mark.usefixtures("unheard")
@pytest.mark.parametrize("design", [with_an_attribute, with_a_base])
def test_what_brings_a_model_along_is_refused(design: Callable[[], Design]):
    known = {each._meta.label for each in apps.get_models()}

    error = refusal(lambda: builders.form("lunch", design(), age=models.IntegerField()))

    assert str(error) == (
        '[dynschema.E103] The model "forms.LunchEntry" cannot be made: it brings along the model '
        '"forms.HistoricalLunchEntry", which would have no table; leave out the base or the '
        "attribute that makes that model."
    )
    assert error.definition.name == "lunch"
    assert {each._meta.label for each in apps.get_models()} == known
    assert "historicallunchentry" not in apps.all_models["forms"]


def test_a_question_that_needs_a_table_of_its_own_is_at_fault_itself():
    form = builders.form("lunch", age=models.IntegerField())

    error = refusal(lambda: builders.add(form, "fans", models.ManyToManyField(User)))

    assert isinstance(error, InvalidDefinitionError)
    assert error.definition.name == "fans"


def test_what_django_itself_would_refuse_in_a_field_is_refused():
    form = builders.form("lunch", age=models.IntegerField(null=True))

    error = refusal(
        lambda: builders.add(form, "price", models.DecimalField(max_digits=2, decimal_places=3))
    )

    assert str(error) == (
        "[dynschema.E103] The field \"price\" is not valid: 'max_digits' must be greater or equal "
        "to 'decimal_places'. Correct it in the blueprint."
    )
    assert error.definition.name == "price"


@pytest.mark.parametrize(
    "field",
    [
        models.CharField(max_length=5, default="toolongvalue"),
        models.CharField(max_length=5, default=lambda: "toolongvalue"),
        models.EmailField(max_length=5, default="toolongvalue"),
    ],
    ids=["text", "called", "address"],
)
def test_a_default_that_is_too_long_is_refused(field: models.Field):
    form = builders.form("lunch", age=models.IntegerField(null=True))

    error = refusal(lambda: builders.add(form, "note", field))

    assert str(error) == (
        '[dynschema.E103] The field "note" has a default that it cannot hold: "toolongvalue" has '
        "12 characters, and 5 are possible."
    )
    assert error.definition.name == "note"


def test_a_long_default_is_kept_where_only_forms_know_a_limit():
    form = builders.form("lunch", note=models.TextField(max_length=5, default="toolongvalue"))

    assert entries(form).objects.create().note == "toolongvalue"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (models.IntegerField(default=lambda: 7, unique=True), 7),
        (models.IntegerField(default=3, unique=True, null=True), 3),
    ],
    ids=["called", "constant"],
)
def test_one_default_for_several_records_cannot_be_unique(field: models.Field, value: int):
    form = builders.form("lunch", age=models.IntegerField(null=True))
    entries(form).objects.create()
    entries(form).objects.create()

    error = refusal(lambda: builders.add(form, "code", field))

    assert isinstance(error, DuplicateValuesError)
    assert str(error) == (
        '[dynschema.E203] The field "code" of table "forms_lunchentry" cannot become unique: '
        f'2 records share a value with another (record 1 "{value}", record 2 "{value}"). They '
        "would all get the same default, since it is asked for once. Add the field without a "
        "default and without unique values, give each record its own value, and then ask for "
        "unique values."
    )
    assert error.definition.name == "code"


def test_one_default_for_one_record_may_be_unique():
    form = builders.form("lunch", age=models.IntegerField(null=True))
    entries(form).objects.create()

    builders.add(form, "code", models.UUIDField(default=uuid.uuid4, unique=True))

    assert entries(form).objects.get().code


@pytest.mark.skipif(django.VERSION >= (6, 1), reason="Django takes any number of digits there.")
def test_a_decimal_without_digits_is_refused():
    error = refusal(lambda: builders.form("lunch", price=models.DecimalField()))

    assert str(error) == (
        '[dynschema.E103] The field "price" is not valid: DecimalFields must define a '
        "'decimal_places' attribute. Correct it in the blueprint."
    )
    assert error.definition.name == "price"


@pytest.mark.skipif(django.VERSION < (6, 1), reason="Django asks for the digits there.")
def test_a_decimal_needs_no_digits_where_django_asks_for_none():
    form = builders.form("lunch", price=models.DecimalField(null=True))

    assert entries(form).objects.create(price=Decimal("1.25")).price == Decimal("1.25")
    assert not Entries.sync(form)


# What is no mistake


class Word(str):
    """A text as a translation or a template makes it."""


def test_answers_may_be_generators_and_texts_of_a_class_of_their_own(monkeypatch):
    monkeypatch.setattr(Entries, "bases", lambda self, form: (each for each in [models.Model]))
    monkeypatch.setattr(Entries, "field_name", lambda self, row: Word(row.name))

    form = builders.form("lunch", age=models.IntegerField(null=True))

    assert [each.name for each in entries(form)._meta.fields] == ["id", "age"]


def test_what_a_project_has_silenced_is_silent(settings):
    settings.SILENCED_SYSTEM_CHECKS = ["fields.E009"]
    field = models.CharField(max_length=1, choices=[("long", "Long")], null=True)

    assert entries(builders.form("lunch", size=field)).objects.count() == 0


class Asking(models.IntegerField):
    def check(self, **kwargs: Any) -> list[Any]:
        apps.get_model(self.model._meta.label)
        return []


def test_a_field_with_a_check_of_its_own_is_not_asked():
    assert entries(builders.form("lunch", size=Asking(null=True))).objects.count() == 0
