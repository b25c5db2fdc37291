"""Promise 3: a field may bring further columns along, and they share its life."""

from decimal import Decimal

import pytest
from django.db import models

from dynschema.cleaning import forget_models
from dynschema.exceptions import InvalidNameError, NameTakenError
from dynschema.models import Field
from dynschema.runtime.companions import NEUTRAL
from tests.forms.models import Design
from tests.support import builders
from tests.support.amounts import AmountField, OneUnitField, UnitFirstField
from tests.support.builders import add, entries, redesign, rename, retire, swap
from tests.support.evolves import evolves, nothing_left_to_do
from tests.support.state import columns

pytestmark = pytest.mark.django_db

FIELDS = {"count": models.IntegerField(null=True), "price": AmountField()}
FIVE_DOLLARS = {"count": 100, "price": Decimal("5.00"), "price_unit": "USD"}
TABLE = "forms_lunchentry"


def test_the_field_before_it_keeps_its_own_type():
    form = builders.form("lunch", **FIELDS)
    for count in (9, 10, 100):
        entries(form).objects.create(count=count)

    assert columns(TABLE) == ["id", "count", "price_unit", "price"]
    assert list(entries(form).objects.order_by("count").values_list("count", flat=True)) == [
        9,
        10,
        100,
    ]
    assert nothing_left_to_do(form)


def test_both_columns_are_added_to_a_filled_table():
    form = evolves(
        {"count": models.IntegerField(null=True)},
        lambda form: add(form, "price", AmountField()),
        ["add_field", "add_field"],
        [{"count": 3}],
    )

    assert entries(form).objects.values("count", "price", "price_unit").get() == {
        "count": 3,
        "price": None,
        "price_unit": "EUR",
    }


def test_both_columns_follow_a_rename():
    form = evolves(
        FIELDS,
        lambda form: rename(form, "price", "cost"),
        ["rename_field", "rename_field"],
        [FIVE_DOLLARS],
    )

    found = entries(form).objects.values("count", "cost", "cost_unit").get()
    assert found == {"count": 100, "cost": Decimal("5.00"), "cost_unit": "USD"}


@pytest.mark.parametrize("name", NEUTRAL)
def test_no_name_is_mistaken_for_another(name):
    form = builders.form("lunch", **{name: AmountField()})
    entries(form).objects.create(**{name: 1, f"{name}_unit": "USD"})

    rename(form, name, "price")

    assert entries(form).objects.values_list("price", "price_unit").get() == (1, "USD")


def test_two_of_them_may_swap_names():
    form = evolves(
        {"price": AmountField(), "cost": AmountField()},
        lambda form: swap(form, "price", "cost"),
        ["rename_field"] * 4,
        [{"price": 1, "price_unit": "USD", "cost": 2, "cost_unit": "CHF"}],
    )

    names = ("price", "price_unit", "cost", "cost_unit")
    assert entries(form).objects.values_list(*names).get() == (2, "CHF", 1, "USD")


def test_both_columns_retire_and_return_with_their_values():
    form = evolves(
        FIELDS,
        lambda form: retire(form, "price"),
        ["retire_field", "retire_field"],
        [FIVE_DOLLARS],
    )
    entries(form).objects.create(count=1)
    key = int(Field.objects.get(name="price").key.removeprefix("input:"))

    form.inputs.create(pk=key, name="price", field=builders.registered_field(AmountField()))

    found = entries(form).objects.filter(count=100).values("count", "price", "price_unit").get()
    assert found == FIVE_DOLLARS


@pytest.mark.parametrize("first", ["price", "price_unit"])
def test_no_other_field_has_the_name_of_one_that_comes_along(first):
    fields = {"price": AmountField(), "price_unit": models.TextField(null=True)}
    form = builders.form("lunch", **{first: fields.pop(first)})
    ((name, field),) = fields.items()

    with pytest.raises(NameTakenError) as error:
        add(form, name, field)

    assert str(error.value) == (
        f'[dynschema.E102] The name "price_unit" is taken by the field "{first}". '
        "Choose another name."
    )
    assert [row.name for row in form.inputs.all()] == [first]


def test_a_new_one_with_a_retired_name_gets_its_own_empty_columns():
    form = builders.form("lunch", **FIELDS)
    entries(form).objects.create(**FIVE_DOLLARS)
    gone = retire(form, "price")

    add(form, "price", AmountField())

    assert entries(form).objects.values("count", "price", "price_unit").get() == {
        "count": 100,
        "price": None,
        "price_unit": "EUR",
    }
    rename(form, "price", "newprice")
    gone.save()
    assert entries(form).objects.values("count", "price", "price_unit").get() == FIVE_DOLLARS


def test_a_new_process_finds_the_columns_wherever_they_are():
    form = builders.form("lunch", price=AmountField(), cost=AmountField())
    entries(form).objects.create(price=1, price_unit="USD", cost=2, cost_unit="CHF")
    swap(form, "price", "cost")

    forget_models()

    names = ("price", "price_unit", "cost", "cost_unit")
    assert entries(form).objects.values_list(*names).get() == (2, "CHF", 1, "USD")


def test_stable_names_let_both_columns_be_where_they_are(settings):
    settings.DYNSCHEMA = {"column_names": "stable"}
    form = builders.form("lunch", **FIELDS)
    entries(form).objects.create(**FIVE_DOLLARS)
    before = columns(TABLE)

    rename(form, "price", "cost")

    assert columns(TABLE) == before
    found = entries(form).objects.values("cost", "cost_unit").get()
    assert found == {"cost": Decimal("5.00"), "cost_unit": "USD"}
    assert nothing_left_to_do(form)


def test_a_name_that_ends_as_its_owner_follows_a_rename():
    form = evolves(
        {"price": UnitFirstField()},
        lambda form: rename(form, "price", "cost"),
        ["rename_field", "rename_field"],
        [{"price": 1, "unit_of_price": "USD"}],
    )

    assert entries(form).objects.values_list("cost", "unit_of_cost").get() == (1, "USD")


def test_fields_may_share_the_one_that_they_bring():
    form = builders.form("lunch", price=OneUnitField(), cost=OneUnitField())
    entries(form).objects.create(price=1, cost=2, currency="USD")

    retire(form, "price")
    rename(form, "cost", "expense")

    assert entries(form).objects.values_list("expense", "currency").get() == (2, "USD")
    assert nothing_left_to_do(form)


class Taxed(models.Model):
    price = AmountField()

    class Meta:
        abstract = True
        app_label = "forms"


def test_what_all_records_have_keeps_its_values_wherever_the_code_says_so():
    designs = [Design(bases=(Taxed,)), Design(fields={"price": AmountField()})]
    form = builders.form("lunch", designs[0])
    entries(form).objects.create(price=5, price_unit="USD")

    for design in reversed(designs):
        redesign(form, design)
        assert nothing_left_to_do(form)
        assert entries(form).objects.values_list("price", "price_unit").get() == (5, "USD")


def test_a_name_too_long_for_the_one_that_comes_along_is_refused():
    form = builders.form("lunch")

    with pytest.raises(InvalidNameError) as error:
        add(form, "p" * 60, AmountField())

    assert "it has 65 characters, and 63 are possible" in str(error.value)
