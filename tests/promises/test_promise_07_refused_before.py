"""Promise 7: what data would not survive is refused before any DDL, with counts and examples."""

import datetime
import decimal
import uuid
from collections.abc import Callable

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

import dynschema
from dynschema.cleaning import forget_models
from dynschema.exceptions import DefinitionError, PlanError
from dynschema.models import Field
from surveymaker.models import Question
from tests.forms.models import Design, Form
from tests.support import builders
from tests.support.builders import add, answers, change, entries, question, retire, survey
from tests.support.evolves import ddl, evolves
from tests.support.state import state

pytestmark = pytest.mark.django_db

TABLE = "forms_lunchentry"
NOON = datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC)


def refusal(change: Callable[[], object]) -> str:
    """Return the text of the refusal, after which everything is as it was."""
    before = state()
    with CaptureQueriesContext(connection) as queries, pytest.raises(PlanError) as error:
        change()
    assert [sql for sql in ddl(queries) if "CREATE TABLE" not in sql] == []
    assert state().differences(before) == []
    return str(error.value)


# Widening


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        (models.SmallIntegerField(), models.IntegerField(), -32768),
        (models.IntegerField(), models.BigIntegerField(), 2**31 - 1),
        (models.PositiveIntegerField(), models.PositiveBigIntegerField(), 2**31 - 1),
        (models.CharField(max_length=3), models.CharField(max_length=300), "äöü"),
        (models.CharField(max_length=3), models.TextField(), "abc"),
        (models.SlugField(max_length=3), models.SlugField(max_length=30), "abc"),
        (
            models.DecimalField(max_digits=5, decimal_places=2),
            models.DecimalField(max_digits=9, decimal_places=2),
            decimal.Decimal("123.45"),
        ),
        (
            models.DecimalField(max_digits=5, decimal_places=2),
            models.DecimalField(max_digits=9, decimal_places=4),
            decimal.Decimal("-123.45"),
        ),
        (models.CharField(max_length=9), models.EmailField(), "a@b.de"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, models.Field) else "",
)
def test_a_wider_type_takes_every_value(old, new, value):
    form = builders.form("lunch", value=old, name=models.TextField(default=""))
    entries(form).objects.create(value=value)

    change(form, "value", new)

    assert entries(form).objects.values_list("value", flat=True).get() == value


@pytest.mark.parametrize(
    "make_wider",
    [
        lambda field: models.BigIntegerField(**field),
        lambda field: models.BigIntegerField(**{**field, "db_index": True}),
    ],
)
@pytest.mark.parametrize("options", [{"null": True}, {"unique": True}, {"db_default": 3}])
def test_a_wider_type_keeps_the_options_of_a_field(options, make_wider):
    form = builders.form("lunch", value=models.IntegerField(**options))
    entries(form).objects.create(value=3)

    change(form, "value", make_wider(options))

    assert entries(form).objects.get().value == 3


def test_a_wider_type_is_a_change_like_any_other():
    evolves(
        {"age": models.IntegerField(null=True)},
        lambda form: change(form, "age", models.BigIntegerField(null=True)),
        ["widen_field"],
        [{"age": 3}, {"age": None}],
    )


# Narrowing


LOSSY = pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        (models.IntegerField(), models.SmallIntegerField(), 3),
        (models.BigIntegerField(), models.IntegerField(), 2**40),
        (models.TextField(), models.CharField(max_length=9), "a long text"),
        (models.TextField(), models.IntegerField(), "three"),
        (models.TextField(), models.DateField(), "2024-02-29"),
        (models.FloatField(), models.IntegerField(), 3.7),
        (
            models.DateTimeField(),
            models.DateField(),
            datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
        ),
        (models.TextField(), models.UUIDField(), str(uuid.UUID(int=1))),
        (models.TextField(), models.BooleanField(), "true"),
        (models.IntegerField(), models.DurationField(), 90),
        (models.BigIntegerField(), models.DurationField(), 90),
        (models.DurationField(), models.BigIntegerField(), datetime.timedelta(seconds=5)),
        (models.DurationField(), models.TextField(), datetime.timedelta(seconds=5)),
        (models.JSONField(), models.TextField(), "a text"),
        (models.TextField(), models.JSONField(), '"a text"'),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, models.Field) else "",
)


@LOSSY
def test_a_type_that_may_lose_a_value_is_refused(old, new, value):
    form = builders.form("lunch", value=old)
    entries(form).objects.create(value=value)
    stored = list(entries(form).objects.values())

    text = refusal(lambda: change(form, "value", new))

    assert text.startswith('[dynschema.E205] The field "value" of table "forms_lunchentry" cannot')
    assert "1 record has a value that is not sure to survive (record 1" in text
    assert list(entries(form).objects.values()) == stored


@LOSSY
def test_a_retired_field_does_not_return_with_such_a_type(old, new, value):
    form = builders.form("lunch", value=old)
    entries(form).objects.create(value=value)
    gone = retire(form, "value")

    gone.field = builders.registered_field(new)
    text = refusal(gone.save)

    assert text.startswith('[dynschema.E205] The field "value" of table "forms_lunchentry" cannot')
    gone.field = builders.registered_field(old)
    gone.save()
    assert [each.value for each in entries(form).objects.all()] == [value]


@pytest.mark.parametrize("is_live", [True, False], ids=["live", "retired"])
@pytest.mark.parametrize(
    ("field", "value"),
    [(models.DurationField(), datetime.timedelta(hours=1)), (models.JSONField(), ["a"])],
    ids=["duration", "json"],
)
def test_a_field_returns_though_nobody_noted_what_its_values_mean(field, value, is_live):
    form = builders.form("lunch", value=field)
    entries(form).objects.create(value=value)
    if is_live:
        Field.objects.update(meaning=None)
        forget_models()
    gone = retire(form, "value")
    if not is_live:
        Field.objects.update(meaning=None)
        forget_models()

    gone.save()

    assert [each.value for each in entries(form).objects.all()] == [value]


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("narrower", [(9, 2), (9, 5), (5, 4)])
def test_digits_are_not_rounded_away(narrower):
    digits, places = narrower
    form = builders.form("lunch", value=models.DecimalField(max_digits=9, decimal_places=4))
    entries(form).objects.create(value=decimal.Decimal("12345.2345"))
    new = models.DecimalField(max_digits=digits, decimal_places=places)

    text = refusal(lambda: change(form, "value", new))

    assert "cannot change from numeric(9,4) to numeric" in text
    assert entries(form).objects.get().value == decimal.Decimal("12345.2345")


def test_a_refused_type_names_how_many_and_shows_some():
    form = builders.form("lunch", age=models.TextField(null=True))
    for value in ("three", None, "4", "five", "6"):
        entries(form).objects.create(age=value)

    text = refusal(lambda: change(form, "age", models.IntegerField(null=True)))

    assert text == (
        f'[dynschema.E205] The field "age" of table "{TABLE}" cannot change from text to integer: '
        "4 records have a value that is not sure to survive "
        '(record 1 "three", record 3 "4", record 4 "five", …). '
        "Add a new field, copy the values, and remove the old one."
    )


def test_any_type_may_become_any_other_where_there_is_no_value_yet():
    form = builders.form("lunch", age=models.TextField(null=True))
    entries(form).objects.create()

    change(form, "age", models.IntegerField(null=True))

    entries(form).objects.create(age=3)
    assert list(entries(form).objects.order_by("pk").values_list("age", flat=True)) == [None, 3]


# Required


def test_a_required_question_is_refused_where_records_would_have_no_answer():
    lunch = survey("lunch", name="text")
    for name in ("Ada", "Bob"):
        lunch.Response.objects.create(name=name)

    text = refusal(lambda: question(lunch, "age", "integer", required=True))

    assert text == (
        '[dynschema.E201] The required field "age" cannot be added to table '
        '"surveymaker_lunchresponse": the 2 records there would have no value. '
        "Give the field a default, make it optional, or fill it in later and then require it."
    )
    assert Question.objects.count() == 1


def test_a_required_question_is_welcome_where_there_are_no_records():
    lunch = survey("lunch", name="text")

    question(lunch, "age", "integer", required=True)

    lunch.Response.objects.create(name="Ada", age=3)
    assert answers(lunch, "age") == [3]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (models.IntegerField(default=7), 7),
        (models.IntegerField(db_default=7), 7),
        (models.CharField(max_length=9, default="it's"), "it's"),
        (models.BooleanField(default=False), False),
        (models.JSONField(default=dict), {}),
        (models.DecimalField(max_digits=5, decimal_places=2, default=1), decimal.Decimal(1)),
        (models.DateField(default=datetime.date(2024, 2, 29)), datetime.date(2024, 2, 29)),
        (models.DurationField(default=datetime.timedelta(1)), datetime.timedelta(1)),
        (models.UUIDField(default=uuid.UUID(int=7)), uuid.UUID(int=7)),
        (models.BinaryField(default=b"\x00%'"), b"\x00%'"),
        (models.CharField(max_length=9, blank=True, default=""), ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, models.Field) else "",
)
def test_a_required_field_with_a_default_fills_the_records_that_are_there(field, value):
    form = builders.form("lunch", name=models.TextField(default=""))
    entries(form).objects.create()

    add(form, "extra", field)

    found = entries(form).objects.values_list("extra", flat=True).get()
    assert (bytes(found) if isinstance(value, bytes) else found) == value


def test_answers_that_are_missing_stand_against_requiring_them():
    form = builders.form("lunch", age=models.IntegerField(null=True))
    for age in (None, 3, None):
        entries(form).objects.create(age=age)

    text = refusal(lambda: change(form, "age", models.IntegerField()))

    assert text == (
        f'[dynschema.E202] The field "age" of table "{TABLE}" cannot become required: '
        "2 records have no value (record 1, record 3). "
        "Fill them in first, or leave the field optional."
    )


# Unique


def test_answers_that_are_the_same_stand_against_unique():
    form = builders.form("lunch", name=models.CharField(max_length=20, null=True))
    for name in ("Ada", "Bob", "Ada", "Ada", None, None):
        entries(form).objects.create(name=name)

    text = refusal(
        lambda: change(form, "name", models.CharField(max_length=20, null=True, unique=True))
    )

    assert text == (
        f'[dynschema.E203] The field "name" of table "{TABLE}" cannot become unique: '
        "3 records share a value with another "
        '(record 1 "Ada", record 3 "Ada", record 4 "Ada"). '
        "Correct them first, or do not ask for unique values."
    )


def test_a_unique_field_with_a_default_is_refused_where_two_records_would_share_it():
    form = builders.form("lunch", name=models.TextField(default=""))
    entries(form).objects.create()
    entries(form).objects.create()

    text = refusal(lambda: add(form, "code", models.IntegerField(default=7, unique=True)))

    assert text.startswith('[dynschema.E203] The field "code" of table "forms_lunchentry" cannot')


def test_two_changes_of_one_block_are_judged_together():
    """The values that a rename brings along count for the rule that comes with it."""
    form = builders.form("lunch", one=models.IntegerField(), two=models.IntegerField())
    for number in (1, 2):
        entries(form).objects.create(one=number, two=0)

    def swap_and_make_unique(name: str) -> None:
        with dynschema.atomic():
            builders.swap(form, "one", "two")
            change(form, name, models.IntegerField(unique=True))

    assert "E203" in refusal(lambda: swap_and_make_unique("one"))
    swap_and_make_unique("two")
    assert list(entries(form).objects.order_by("two").values_list("one", "two")) == [(0, 1), (0, 2)]


def test_a_refusal_names_the_row_at_fault():
    form: Form = builders.form("lunch", age=models.IntegerField(null=True))
    entries(form).objects.create()
    row = form.inputs.get()

    with pytest.raises(PlanError) as error:
        change(form, "age", models.IntegerField())

    assert error.value.definition == row
    assert error.value.key == f"input:{row.pk}"


@pytest.mark.parametrize("narrower", [(9, 2), (9, 6)], ids=["less after the point", "less before"])
def test_a_decimal_with_fewer_digits_on_either_side_is_refused(narrower):
    form = builders.form("lunch", price=models.DecimalField(max_digits=9, decimal_places=4))
    entries(form).objects.create(price=decimal.Decimal("12345.2345"))
    digits, places = narrower

    text = refusal(
        lambda: change(form, "price", models.DecimalField(max_digits=digits, decimal_places=places))
    )

    assert f"to {'numeric' if connection.vendor == 'postgresql' else 'decimal'}" in text
    assert "1 record has a value that is not sure to survive" in text
    assert entries(form).objects.get().price == decimal.Decimal("12345.2345")


def test_a_field_that_no_longer_fits_a_check_of_its_table_is_refused():
    adult = models.CheckConstraint(condition=models.Q(value__gt=18), name="adult")
    form = builders.form(
        "lunch", Design(meta={"constraints": [adult]}), value=models.IntegerField(null=True)
    )
    before = state()

    with pytest.raises(DefinitionError) as error:
        change(form, "value", models.DateField(null=True))

    assert str(error.value).startswith("[dynschema.E1")
    assert state().differences(before) == []


def test_a_primary_key_cannot_go():
    key = models.CharField(max_length=9, primary_key=True)
    form = builders.form("lunch", code=key)
    entries(form).objects.create(code="a")

    text = refusal(form.inputs.get(name="code").delete)

    assert 'the field "code" is its primary key and cannot go. Keep the field.' in text
