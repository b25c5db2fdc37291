"""Injected foreign keys survive the table that they refer to, and meet it again."""

import pytest

from tests.evolution.inject.shops import ONE, RELATIONS, SHOP, ask, plugged

pytestmark = pytest.mark.slow

TWO = f"""{ONE}
inject_field("library.Book", "second", models.OneToOneField(Shop, models.SET_NULL, null=True,
    related_name="+"))
"""
TWO_HOSTS = f"""{ONE}
inject_field("library.Person", "shop", models.ForeignKey(Shop, models.PROTECT, null=True,
    related_name="+"))
"""


def test_values_stay_without_their_foreign_key_and_what_they_meant_does_not_come_back(site):
    plugged(site, ONE)
    ask(
        site,
        """
Book.objects.create(title="Emma", shop=Shop.objects.create(name="North"))
Book.objects.create(title="Persuasion")
answer = None
""",
    )

    assert ask(
        site,
        """
call_command("migrate", "plugin", "zero", verbosity=0)
answer = [rows("title", "shop_id"), relations(), unsettled()]
""",
    ) == [[["Emma", 1], ["Persuasion", None]], [], []]
    assert ask(
        site,
        """
call_command("migrate", verbosity=0)
Shop.objects.create(name="South")
answer = [rows("title", "shop_id"), relations(), unsettled()]
""",
    ) == [[["Emma", None], ["Persuasion", None]], ["library_book.shop_id"], []]


@pytest.mark.parametrize("filled", [True, False])
def test_all_keys_of_a_host_go_together(site, filled):
    plugged(site, TWO)
    ask(
        site,
        f"""
shop = Shop.objects.create(name="North") if {filled} else None
Book.objects.create(title="Emma", shop=shop, second=shop)
answer = None
""",
    )
    before = [["Emma", 1, 1] if filled else ["Emma", None, None]]
    look = 'answer = [rows("title", "shop_id", "second_id"), relations(), unsettled()]'

    for _ in range(2):
        assert ask(site, f'call_command("migrate", "plugin", "zero", verbosity=0)\n{look}') == [
            before,
            [],
            [],
        ]
        assert ask(site, f'call_command("migrate", verbosity=0)\n{look}') == [
            [["Emma", None, None]],
            ["library_book.second_id", "library_book.shop_id"],
            [],
        ]
        before = [["Emma", None, None]]


def test_keys_of_several_hosts_go(site):
    plugged(site, TWO_HOSTS)
    ask(
        site,
        """
shop = Shop.objects.create(name="North")
Book.objects.create(title="Emma", shop=shop)
Person.objects.create(name="Jane", shop=shop)
answer = None
""",
    )
    look = """
people = rows("name", "shop_id", table="library_person")
answer = [rows("title", "shop_id"), people, relations(), unsettled()]
"""

    assert ask(site, f'call_command("migrate", "plugin", "zero", verbosity=0)\n{look}') == [
        [["Emma", 1]],
        [["Jane", 1]],
        [],
        [],
    ]
    assert ask(site, f'call_command("migrate", verbosity=0)\n{look}') == [
        [["Emma", None]],
        [["Jane", None]],
        ["library_book.shop_id", "library_person.shop_id"],
        [],
    ]


ANOTHER_SHOP = """
from django.db import migrations, models

def open_shop(apps, schema_editor):
    apps.get_model("plugin", "Shop").objects.create(id=2, name="South")

class Migration(migrations.Migration):
    dependencies = [("plugin", "0001_initial")]
    operations = [
        migrations.DeleteModel("Shop"),
        migrations.CreateModel("Shop", [
            ("id", models.BigAutoField(primary_key=True)),
            ("name", models.CharField(max_length=9)),
        ]),
        migrations.RunPython(open_shop, migrations.RunPython.noop),
    ]
"""


def test_values_whose_row_is_there_again_when_the_migrations_are_through_come_back(site):
    plugged(site, ONE)
    ask(
        site,
        """
for name in ("North", "East"):
    Book.objects.create(title=name, shop=Shop.objects.create(name=name))
answer = None
""",
    )
    site.write({"plugin/migrations/0002_another_shop.py": ANOTHER_SHOP})

    assert ask(
        site,
        """
call_command("migrate", verbosity=0)
answer = [rows("title", "shop_id"), relations(), unsettled()]
""",
    ) == [[["North", None], ["East", 2]], ["library_book.shop_id"], []]


def test_the_plan_shows_which_values_do_not_come_back(site):
    plugged(site, ONE)
    ask(site, 'Book.objects.create(title="Emma", shop=Shop.objects.create()); answer = None')
    ask(site, 'call_command("migrate", "plugin", "zero", verbosity=0); answer = None')

    planned = ask(
        site,
        """
from django.db.models.signals import post_migrate
from dynschema.evolution.inject.syncing import plan_injected
receivers, post_migrate.receivers = post_migrate.receivers, []
call_command("migrate", verbosity=0)
[plan] = plan_injected("default")
answer = [[each.code for each in plan.operations], plan.sql[0], rows("shop_id")]
""",
    )

    clearing = (
        'UPDATE "library_book" SET "shop_id" = NULL WHERE "shop_id" IS NOT NULL AND NOT EXISTS '
        '(SELECT 1 FROM "plugin_shop" AS "dynschema_target" WHERE "dynschema_target"."id" = '
        '"library_book"."shop_id")'
    )
    assert planned == [["restore_field", "add_index", "add_foreign_key"], clearing, [[1]]]


def test_a_plugin_that_takes_its_tables_along_can_come_back(site):
    plugged(site, TWO)
    ask(
        site,
        """
shop = Shop.objects.create(name="North")
Book.objects.create(title="Emma", shop=shop, second=shop)
answer = None
""",
    )
    ask(site, 'call_command("migrate", "plugin", "zero", verbosity=0); answer = None')
    site.settle('INSTALLED_APPS.remove("plugin")')
    gone = site.migrate_and_ask(
        f"{RELATIONS}\nBook.objects.create(title='Persuasion')\n"
        "answer = [rows('title', 'shop_id', 'second_id'), relations(), unsettled()]"
    )
    site.settle('INSTALLED_APPS.append("plugin")')

    assert gone == [[["Emma", 1, 1], ["Persuasion", None, None]], [], []]
    assert ask(
        site,
        """
call_command("migrate", verbosity=0)
answer = [rows("title", "shop_id", "second_id"), relations(), unsettled()]
""",
    ) == [
        [["Emma", None, None], ["Persuasion", None, None]],
        ["library_book.second_id", "library_book.shop_id"],
        [],
    ]


def test_a_required_key_gets_its_default_where_its_row_is_gone(site):
    site.plug(
        f"""{SHOP}
inject_field("library.Book", "shop", models.ForeignKey(Shop, models.CASCADE, default=2))
"""
    )
    site.write({"plugin/migrations/__init__.py": ""})
    site.manage("makemigrations", "-v0", "plugin")
    site.ask('call_command("migrate", "plugin", verbosity=0); answer = None')
    ask(
        site,
        """
for number in (1, 2):
    Book.objects.create(title="Emma", shop=Shop.objects.create())
call_command("migrate", "plugin", "zero", verbosity=0)
answer = None
""",
    )
    opening = ANOTHER_SHOP.split("operations")[0] + (
        "operations = [migrations.RunPython(open_shop, migrations.RunPython.noop)]\n"
    )
    site.write({"plugin/migrations/0002_opening.py": opening})

    assert ask(
        site,
        """
call_command("migrate", verbosity=0)
answer = [rows("title", "shop_id"), relations(), unsettled()]
""",
    ) == [[["Emma", 2], ["Emma", 2]], ["library_book.shop_id"], []]


def test_both_apps_can_be_taken_back_and_migrated_again(site):
    plugged(site, TWO_HOSTS)
    ask(site, 'Loan.objects.create(book=Book.objects.create(title="Emma")); answer = None')

    ask(
        site,
        """
call_command("migrate", "library", "zero", verbosity=0)
call_command("migrate", "plugin", "zero", verbosity=0)
answer = None
""",
    )
    assert ask(
        site,
        """
call_command("migrate", verbosity=0)
answer = [rows("title", "shop_id"), relations(), unsettled()]
""",
    ) == [[], ["library_book.shop_id", "library_person.shop_id"], []]


def test_several_tables_can_be_deleted(site):
    plugged(
        site,
        f"""
class Team(models.Model):
    pass
{ONE}
inject_field("library.Book", "team", models.ForeignKey(Team, models.CASCADE, null=True))
""",
    )
    ask(
        site,
        """
shop, team = Shop.objects.create(), Team.objects.create()
Book.objects.create(title="Emma", shop=shop, team=team)
answer = None
""",
    )
    look = 'answer = [rows("title", "shop_id", "team_id"), relations(), unsettled()]'

    assert ask(site, f'call_command("migrate", "plugin", "zero", verbosity=0)\n{look}') == [
        [["Emma", 1, 1]],
        [],
        [],
    ]
    assert ask(site, f'call_command("migrate", verbosity=0)\n{look}') == [
        [["Emma", None, None]],
        ["library_book.shop_id", "library_book.team_id"],
        [],
    ]
