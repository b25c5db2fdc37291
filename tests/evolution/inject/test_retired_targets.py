"""Values of a field that is not injected any more go to no rows that are not theirs."""

import pytest

from tests.evolution.inject.shops import ONE, RELATIONS, SHOP, ask, plugged

pytestmark = pytest.mark.slow

STORE = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("plugin", "0001_initial")]
    operations = [migrations.RenameModel("Shop", "Store")]
"""


def test_values_of_a_field_that_is_away_do_not_get_to_rows_that_are_made_later(site):
    plugged(site, ONE)
    ask(site, 'Book.objects.create(title="Emma", shop=Shop.objects.create()); answer = None')
    site.plug(SHOP)
    site.ask('call_command("migrate", verbosity=0); answer = None')
    gone = site.ask(
        f"""{RELATIONS}
call_command("migrate", "plugin", "zero", verbosity=0)
answer = rows("title", "shop_id")
"""
    )
    ask(
        site,
        """
call_command("migrate", verbosity=0)
Shop.objects.create(name="South")
answer = None
""",
    )
    site.plug(f"{SHOP}{ONE}")

    assert gone == [["Emma", 1]]
    assert ask(
        site,
        """
call_command("migrate", verbosity=0)
answer = [rows("title", "shop_id"), relations(), unsettled()]
""",
    ) == [[["Emma", None]], ["library_book.shop_id"], []]


def test_values_of_a_field_that_is_away_stay_with_a_table_of_another_name(site):
    plugged(site, ONE)
    ask(site, 'Book.objects.create(title="Emma", shop=Shop.objects.create()); answer = None')
    site.plug(SHOP)
    site.manage("migrate", "-v0")
    site.write({"plugin/migrations/0002_store.py": STORE})
    site.plug(SHOP.replace("Shop", "Store"))
    site.manage("migrate", "-v0")
    site.plug(f"{SHOP}{ONE}".replace("Shop", "Store"))

    assert ask(
        site,
        """
call_command("migrate", verbosity=0)
answer = [rows("title", "shop_id"), relations(), unsettled()]
""",
    ) == [[["Emma", 1]], ["library_book.shop_id"], []]


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("code = models.CharField(max_length=9, primary_key=True)", [["Emma", None]]),
        ("id = models.CharField(max_length=9, primary_key=True)", [["Emma", None]]),
        ("id = models.CharField(max_length=9, primary_key=True, default='1')", [["Emma", 1]]),
    ],
)
def test_a_table_that_is_there_again_may_have_another_key(site, key, values):
    plugged(site, ONE)
    ask(site, 'Book.objects.create(title="Emma", shop=Shop.objects.create()); answer = None')
    site.plug(SHOP)
    site.manage("migrate", "-v0")
    site.manage("migrate", "-v0", "plugin", "zero")
    name, _, field = key.partition(" = ")
    opening = "RunPython(lambda apps, _: apps.get_model('plugin.Shop').objects.create())"
    site.write(
        {
            "plugin/migrations/0001_initial.py": f"""
from django.db import migrations, models

class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel("Shop", [
            ("{name}", {field}),
            ("name", models.CharField(max_length=9)),
        ]),
        migrations.{opening},
    ]
"""
        }
    )
    site.plug(SHOP.replace("    name", f"    {key}\n    name"))

    assert site.migrate_and_ask(
        f"{RELATIONS}\nanswer = [rows('title', 'shop_id'), unsettled()]"
    ) == [values, []]
