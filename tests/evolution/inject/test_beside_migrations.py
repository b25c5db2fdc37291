"""Whatever `migrate` does to the apps around them, injected relations lead where they led."""

import pytest

from tests.evolution.inject.shops import ask, plugged
from tests.evolution.inject.sites import MIGRATION, rename_book
from tests.evolution.inject.test_links import RENAMING

pytestmark = pytest.mark.slow

RELATED = """
inject_field("library.Book", "shop", models.ForeignKey(Shop, models.SET_NULL, null=True),
    key="shop")
inject_field("library.Book", "first", models.OneToOneField(Shop, models.CASCADE, null=True,
    related_name="+"), key="first")
inject_field("library.Book", "mother", models.ForeignKey("self", models.CASCADE, null=True,
    db_column="mum"), key="mother")
inject_field("library.Person", "favourite", models.ForeignKey("library.Book", models.SET_NULL,
    null=True, related_name="+"), key="favourite")
inject_field("library.Book", "shops", models.ManyToManyField(Shop, related_name="+"), key="shops")
"""
FILL = """
shop = Shop.objects.create(name="North")
emma = Book.objects.create(title="Emma", shop=shop, first=shop)
Book.objects.create(title="Persuasion", mother=emma).shops.add(shop)
Person.objects.create(name="Jane", favourite=emma)
answer = None
"""
LED = """
names = ["title", "shop__name", "first__name", "mother__title", "shops__name"]
books = Book.objects.order_by("pk").values_list(*names)
people = Person.objects.values_list("name", "favourite__title")
answer = [list(books), list(people), unsettled()]
"""
WHERE = [
    [["Emma", "North", "North", None, None], ["Persuasion", None, None, "Emma", "North"]],
    [["Jane", "Emma"]],
    [],
]


@pytest.fixture
def related(site):
    plugged(site, RELATED)
    ask(site, FILL)
    return site


def test_when_host_and_target_get_other_names_at_once(related):
    rename_book(related)
    renaming = MIGRATION.format(
        before="0001_initial", operations='migrations.RenameModel("Shop", "Store")'
    )
    related.write({"plugin/migrations/0002_store.py": renaming.replace("library", "plugin")})
    models = (related.folder / "plugin/models.py").read_text()
    models = models.replace("Shop", "Store").replace("library.Book", "library.Volume")
    related.write({"plugin/models.py": models})
    related.add_migration("0002_volume", RENAMING)
    related.manage("migrate", "-v0")

    assert ask(related, LED.replace("Book.", "Volume.")) == WHERE


def test_when_the_tables_of_host_and_target_get_other_names_and_back(related):
    related.add_migration(
        "0002_tables",
        """
        migrations.AlterModelTable("book", "tomes"),
        migrations.AlterField("book", "title", models.CharField(max_length=60)),
        """,
    )
    title = "    title = models.CharField(max_length=50)"
    meta = "\n    class Meta:\n        db_table = 'tomes'\n"
    related.change_library(title, title + meta)
    related.manage("migrate", "-v0")
    led = ask(related, LED)
    related.change_library(meta, "")
    related.manage("migrate", "-v0", "library", "0001")

    assert led == WHERE
    assert ask(related, LED) == WHERE


def test_when_migrations_are_squashed(related):
    title = "title = models.CharField(max_length="
    related.change_library(f"{title}50)", f"{title}60)")
    related.manage("makemigrations", "-v0", "library")
    related.manage("migrate", "-v0")
    related.manage("squashmigrations", "-v0", "--noinput", "library", "0002")
    related.manage("migrate", "-v0")

    assert ask(related, LED) == WHERE


def test_when_keys_get_a_wider_type(unmigrated):
    path = unmigrated.folder / "library/migrations/0001_initial.py"
    path.write_text(path.read_text().replace("BigAutoField", "AutoField"))
    unmigrated.settle('DEFAULT_AUTO_FIELD = "django.db.models.AutoField"')
    plugged(unmigrated, RELATED)
    ask(unmigrated, FILL)

    unmigrated.settle('DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"')
    unmigrated.manage("makemigrations", "-v0")
    unmigrated.manage("migrate", "-v0")

    assert ask(unmigrated, LED) == WHERE


def test_when_the_plugin_is_taken_back_in_another_database(related):
    related.settle(
        """
from pathlib import Path
file = str(Path(__file__).with_name("other.sqlite3"))
engine = "django.db.backends.sqlite3"
DATABASES["other"] = {**DATABASES["default"], "ENGINE": engine, "NAME": file, "OPTIONS": {}}
"""
    )
    related.manage("migrate", "-v0", "--database", "other")
    ask(
        related,
        """
shop = Shop.objects.using("other").create(name="South")
Book.objects.using("other").create(title="Sanditon", shop=shop).shops.add(shop)
answer = None
""",
    )

    related.manage("migrate", "-v0", "--database", "other", "plugin", "zero")
    related.manage("migrate", "-v0", "--database", "other")

    assert ask(related, LED) == WHERE
    assert ask(
        related,
        'answer = list(Book.objects.using("other").values_list("title", "shop", "shops"))',
    ) == [["Sanditon", None, None]]
