"""A field that brings another one along may be injected; both columns share its life."""

import pytest

from tests.evolution.inject.shops import ask

pytestmark = pytest.mark.slow

PRICE = """
from tests.support.amounts import AmountField
inject_field("library.Book", {name!r}, AmountField(), key="library.Book.price")
"""


def test_both_columns_follow_are_claimed_by_no_migration_and_keep_their_values(site):
    site.plug(PRICE.format(name="price"))
    site.manage("migrate", "-v0")
    assert "No changes detected" in site.manage("makemigrations", "--check", "--dry-run")
    site.ask('Book.objects.create(title="Emma", price=5, price_unit="USD"); answer = None')

    site.plug(PRICE.format(name="cost"))
    site.manage("migrate", "-v0")
    found = 'list(Book.objects.values_list("title", "cost", "cost_unit"))'
    assert site.ask(f"answer = [[str(each) for each in row] for row in {found}]") == [
        ["Emma", "5.00", "USD"]
    ]

    site.plug("")
    site.manage("migrate", "-v0")
    site.ask('Book.objects.create(title="Persuasion"); answer = None')
    site.plug(PRICE.format(name="price"))
    site.manage("migrate", "-v0")

    found = 'Book.objects.order_by("title").values_list("title", "price", "price_unit")'
    assert ask(site, f"answer = [[[str(e) for e in row] for row in {found}], unsettled()]") == [
        [["Emma", "5.00", "USD"], ["Persuasion", "None", "EUR"]],
        [],
    ]


def test_a_name_that_would_come_along_twice_is_refused_with_both_lines(site):
    price = PRICE.format(name="price")
    site.plug(f'inject_field("library.Book", "price_unit", models.TextField(null=True))\n{price}')

    said = '[dynschema.E590] The field "price_unit" cannot be injected into library.Book ('
    site.manage("check", complaint=said)
    site.manage("check", complaint="models.py:8): it was injected before (")
