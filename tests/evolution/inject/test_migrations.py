"""Migrations of the app itself go on working, and injected columns lose none of their values."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.evolution.inject.conftest import database_for
from tests.evolution.inject.sites import Site, copied, rename_book

pytestmark = pytest.mark.slow

INJECTED = """
inject_field("library.Book", "pages", models.IntegerField(default=7, db_index=True))
inject_field("library.Book", "code", models.CharField(max_length=9, null=True, unique=True))
inject_field("library.Book", "keeper", models.ForeignKey("library.Person", models.SET_NULL,
    null=True))
inject_field("library.Book", "added", models.DateTimeField(auto_now_add=True))
inject_field("library.Person", "nick", models.CharField(max_length=9, default="J"))
"""
READERS = 'inject_field("library.Book", "readers", models.ManyToManyField("library.Person"))'
FILL = """
jane = Person.objects.create(name="Jane", nick="Janie")
Book.objects.create(title="Emma", pages=400, code="E", keeper=jane)
Book.objects.create(title="Persuasion")
answer = None
"""
VALUES = """
rows = Book.objects.order_by("pk").values_list("title", "pages", "code", "keeper__nick")
with connection.cursor() as cursor:
    found = connection.introspection.get_constraints(cursor, "library_book")
kinds = sorted(
    ["unique" if each["unique"] else "foreign_key" if each["foreign_key"] else "index",
     each["columns"]]
    for each in found.values()
    if not each["primary_key"] and each["columns"] != ["keeper_id"] or each["foreign_key"]
)
answer = [list(rows), kinds]
"""
KINDS = [
    ["foreign_key", ["keeper_id"]],
    ["index", ["pages"]],
    ["unique", ["code"]],
]


@pytest.fixture(scope="module")
def filled_before(migrated: Site, tmp_path_factory) -> Iterator[Site]:
    """Give a site whose database others copy."""
    folder = tmp_path_factory.mktemp("filled") / "site"
    with database_for(folder, migrated) as url:
        site = copied(migrated, folder, url)
        site.plug(INJECTED)
        site.migrate_and_ask(FILL)
        yield site


@pytest.fixture
def filled(filled_before: Site, tmp_path: Path) -> Iterator[Site]:
    """Give a site with injected fields that have values."""
    folder = tmp_path / "site"
    with database_for(folder, filled_before) as url:
        yield copied(filled_before, folder, url)


def values_of(site):
    rows, kinds = site.ask(VALUES)
    # PostgreSQL has another index for each text.
    return rows, [each for each in kinds if each != ["index", ["code"]]]


def test_tables_that_a_migration_makes_anew_keep_injected_columns(filled):
    filled.change_library("max_length=50)\n\n    @property", "max_length=60)\n\n    @property")
    filled.add_migration(
        "0002_alter",
        """
        migrations.AlterField("book", "title", models.CharField(max_length=60)),
        migrations.RenameField("book", "title", "name"),
        migrations.AddField("book", "rank", models.IntegerField(null=True, unique=True)),
        migrations.AlterField("book", "rank", models.IntegerField(default=3)),
        migrations.RemoveField("book", "rank"),
        migrations.RenameField("book", "name", "title"),
        migrations.AlterField("person", "name", models.CharField("official name", max_length=70)),
        """,
    )

    filled.manage("migrate", "-v0")

    assert values_of(filled) == (
        [["Emma", 400, "E", "Janie"], ["Persuasion", 7, None, None]],
        KINDS,
    )


def test_rows_that_a_migration_adds_have_the_default(filled):
    filled.write(
        {
            "library/migrations/0002_rows.py": """
from django.db import migrations, models

def add(apps, schema_editor):
    book = apps.get_model("library", "Book")
    book.objects.create(title="Sanditon")
    book.objects.filter(title="Emma").update(title="EMMA")
    assert [each.name for each in book._meta.fields] == ["id", "title"]

class Migration(migrations.Migration):
    atomic = False
    dependencies = [("library", "0001_initial")]
    operations = [
        migrations.RunPython(add),
        migrations.AlterField("book", "title", models.CharField(max_length=60)),
    ]
"""
        }
    )

    filled.manage("migrate", "-v0")

    assert values_of(filled) == (
        [["EMMA", 400, "E", "Janie"], ["Persuasion", 7, None, None], ["Sanditon", 7, None, None]],
        KINDS,
    )
    assert filled.ask("answer = [each.added.year > 2000 for each in Book.objects.all()]") == [
        True,
        True,
        True,
    ]


def test_a_model_that_gets_another_name_takes_its_injected_columns_along(filled):
    rename_book(filled)
    filled.plug(
        INJECTED.replace("library.Book", "library.Volume").replace(
            "max_length=9, null", "max_length=9, null"
        )
    )
    filled.add_migration(
        "0002_volume",
        """
        migrations.DeleteModel("OldBook"),
        migrations.RenameModel("Book", "Volume"),
        migrations.AlterField("volume", "title", models.CharField(max_length=60)),
        migrations.CreateModel("OldBook", [], options={
            "proxy": True, "indexes": [], "constraints": []}, bases=("library.volume",)),
        """,
    )

    filled.manage("migrate", "-v0")
    assert filled.migrate_and_ask(
        """
from dynschema.models import Table
rows = Volume.objects.order_by("pk").values_list("title", "pages", "code", "keeper__nick")
hosts = Table._base_manager.values_list("name", "fields__column", "fields__state").distinct()
answer = [list(rows), sorted(hosts)]
"""
    ) == [
        [["Emma", 400, "E", "Janie"], ["Persuasion", 7, None, None]],
        [
            ["library_person", "nick", "live"],
            ["library_volume", "added", "live"],
            ["library_volume", "code", "live"],
            ["library_volume", "keeper_id", "live"],
            ["library_volume", "pages", "live"],
        ],
    ]


def test_a_failing_migration_leaves_injected_columns_as_they_were(filled):
    filled.write(
        {
            "library/migrations/0002_fails.py": """
from django.db import migrations, models

def fail(apps, schema_editor):
    raise ValueError("on purpose")

class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]
    operations = [
        migrations.AlterField("book", "title", models.CharField(max_length=60)),
        migrations.RunPython(fail),
    ]
"""
        }
    )

    filled.manage("migrate", "-v0", complaint="ValueError: on purpose")

    assert values_of(filled) == (
        [["Emma", 400, "E", "Janie"], ["Persuasion", 7, None, None]],
        KINDS,
    )


def test_migrations_can_be_taken_back_and_made_again(filled):
    filled.plug(f"{INJECTED}\n{READERS}")

    readers = filled.migrate_and_ask(
        """
Book.objects.first().readers.add(Person.objects.get())
call_command("migrate", "library", "zero", verbosity=0)
call_command("migrate", verbosity=0)
answer = Book.readers.through.objects.count()
"""
    )

    assert readers == 0
    assert values_of(filled) == ([], KINDS)


def test_a_column_is_not_renamed_to_one_with_the_values_of_an_injected_field(filled):
    filled.plug("")
    filled.manage("migrate", "-v0")
    filled.add_migration(
        "0002_keeper",
        """
        migrations.AddField("book", "owner", models.ForeignKey("library.Person", models.CASCADE,
            null=True)),
        migrations.RenameField("book", "owner", "keeper"),
        """,
    )

    filled.manage(
        "migrate",
        "-v0",
        complaint='[dynschema.E599] The migration cannot rename the column "owner_id" of table '
        '"library_book" to "keeper_id": it is there, and has the values of an injected field. '
        "Nothing was changed. Name the column otherwise, with db_column.",
    )
    assert filled.ask(
        """
with connection.cursor() as cursor:
    cursor.execute("SELECT title, keeper_id FROM library_book ORDER BY id")
    answer = [list(each) for each in cursor.fetchall()]
"""
    ) == [["Emma", 1], ["Persuasion", None]]


def test_a_model_can_take_the_name_of_one_that_was_deleted(filled):
    weeks = "models.IntegerField(default=3), key='library.Loan.weeks'"
    filled.plug(f'{INJECTED}\ninject_field("library.Loan", "weeks", {weeks})')
    filled.migrate_and_ask(
        "Loan.objects.create(book=Book.objects.create(title='Sanditon'), weeks=9); answer = None"
    )
    models = (filled.folder / "library/models.py").read_text()
    person_and_author, _, _ = models.partition("class Book(")
    filled.write(
        {
            "library/models.py": person_and_author
            + "class Book(models.Model):\n    since = models.IntegerField(null=True)\n"
        }
    )
    filled.add_migration(
        "0002_book",
        """
        migrations.RemoveField("loan", "book"),
        migrations.DeleteModel("OldBook"),
        migrations.DeleteModel("Book"),
        # Since 6.0 Django warns of a content type that keeps the name taken.
        migrations.RunSQL(
            "UPDATE django_content_type SET model = 'gone' "
            "WHERE app_label = 'library' AND model = 'book'"
        ),
        migrations.RenameModel("Loan", "Book"),
        """,
    )
    filled.plug(f'inject_field("library.Book", "weeks", {weeks})')

    assert filled.migrate_and_ask(
        """
from dynschema.evolution.inject.syncing import plan_injected
answer = [list(Book.objects.values_list("weeks", flat=True)), plan_injected("default")]
"""
    ) == [[9], []]


@pytest.mark.only("sqlite")
def test_a_table_is_not_made_anew_when_its_rows_cannot_be_told_any_more(filled):
    filled.ask(
        """
with connection.cursor() as cursor:
    cursor.execute("DELETE FROM library_book WHERE title = 'Persuasion'")
answer = None
"""
    )
    filled.add_migration(
        "0002_key",
        """
        migrations.DeleteModel("Loan"),
        migrations.AddField("book", "isbn", models.CharField(max_length=9, default="x",
            primary_key=True, serialize=False), preserve_default=False),
        """,
    )

    filled.manage(
        "migrate",
        "-v0",
        complaint='[dynschema.E597] The table "library_book" cannot be made anew by this '
        "migration: 1 of its 1 rows would lose the values of the injected columns added, code, "
        "keeper_id, pages, since their primary key changes. Nothing was changed.",
    )

    assert filled.ask(VALUES)[0] == [["Emma", 400, "E", "Janie"]]


@pytest.mark.only("sqlite")
def test_sqlmigrate_tells_that_injected_columns_are_kept(filled):
    filled.add_migration(
        "0002_alter", 'migrations.AlterField("book", "title", models.CharField(max_length=60))'
    )

    assert (
        "-- The injected columns added, code, keeper_id, pages are kept when `migrate` runs this."
        in filled.manage("sqlmigrate", "library", "0002")
    )


def test_makemigrations_claims_nothing(filled):
    filled.plug(
        INJECTED
        + """
inject_field("library.Book", "readers", models.ManyToManyField("library.Person",
    related_name="read"))
update_field("library.Book", "title", verbose_name="the title", choices=[("a", "A")])
update_field("library.Loan", "book", blank=True, limit_choices_to={"title": "a"})
"""
    )
    filled.write({"plugin/migrations/__init__.py": ""})

    assert filled.manage("makemigrations", "--check", "--dry-run") == "No changes detected\n"
    assert "not yet reflected" not in filled.manage("migrate")

    filled.change_library("born = models.IntegerField(default=0)", "born = models.DateField()")
    printed = filled.manage("makemigrations", "--dry-run")
    assert printed.splitlines()[1:] == [
        "  library/migrations/0002_alter_author_born.py",
        "    ~ Alter field born on author",
    ]
