"""Tables of injected many-to-many fields follow what becomes of their field and their models."""

import pytest

from tests.evolution.inject.sites import rename_book

pytestmark = pytest.mark.slow

READERS = 'inject_field("library.Book", "readers", models.ManyToManyField("library.Person"))'
READ = """
for title in ("Emma", "Persuasion"):
    Book.objects.create(title=title).readers.add(Person.objects.create(name=title))
answer = None
"""
WHO_READS = """
rows = Book.readers.through.objects.order_by("pk")
answer = list(rows.values_list("book__title", "person__name"))
"""
RENAMED_READERS = f'{READERS.replace("Book", "Volume")[:-1]}, key="library.Book.readers")'
READ_EMMA = """
Book.objects.create(title="Emma").readers.add(Person.objects.create(name="Jane"))
answer = None
"""
RENAMING = """
migrations.DeleteModel("OldBook"),
migrations.RenameModel("Book", "Volume"),
migrations.CreateModel("OldBook", [], options={
    "proxy": True, "indexes": [], "constraints": []}, bases=("library.volume",)),
"""
ANOTHER_VOLUME = """
migrations.DeleteModel("OldBook"),
migrations.DeleteModel("Loan"),
migrations.DeleteModel("Volume"),
migrations.CreateModel("Volume", [
    ("id", models.BigAutoField(primary_key=True)), ("title", models.CharField(max_length=50))]),
"""


@pytest.mark.parametrize("model", ["Book", "Person"])
def test_rows_about_what_was_deleted_meanwhile_do_not_come_back(site, model):
    site.plug(READERS)
    site.migrate_and_ask(READ)
    site.plug("")
    first = "order_by('pk').first()"
    site.migrate_and_ask(f"{model}.objects.{first}.delete(); answer = None")
    site.plug(READERS)

    planned = site.ask(
        """
from dynschema.evolution.inject.syncing import plan_injected
[plan] = plan_injected("default")
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM library_book_readers")
    answer = [[each.code for each in plan.operations], plan.sql[0], cursor.fetchone()[0]]
"""
    )

    deletion = (
        'DELETE FROM "library_book_readers" WHERE NOT EXISTS (SELECT 1 FROM "library_book" '
        'AS "dynschema_target" WHERE "dynschema_target"."id" = "library_book_readers"."book_id") '
        'OR NOT EXISTS (SELECT 1 FROM "library_person" AS "dynschema_target" WHERE '
        '"dynschema_target"."id" = "library_book_readers"."person_id")'
    )
    assert planned == [["restore_table", "add_foreign_key", "add_foreign_key"], deletion, 2]
    assert site.migrate_and_ask(WHO_READS) == [["Persuasion", "Persuasion"]]
    assert site.ask(
        """
from dynschema.models import Change
answer = Change.objects.order_by("-pk").first().sql.partition(";")[0]
"""
    ) == deletion  # fmt: skip


def test_they_do_not_come_back_under_another_name_either(site):
    site.plug(READERS)
    site.migrate_and_ask(READ)
    site.plug("")
    site.migrate_and_ask("Person.objects.get(name='Emma').delete(); answer = None")

    site.plug(
        """
inject_field("library.Book", "fans", models.ManyToManyField("library.Person"),
    key="library.Book.readers")
"""
    )

    assert site.migrate_and_ask(WHO_READS.replace("readers", "fans")) == [
        ["Persuasion", "Persuasion"]
    ]


def test_many_to_many_rows_follow_a_renamed_model_by_their_key(site):
    site.plug(READERS)
    site.migrate_and_ask(READ_EMMA)
    rename_book(site)
    site.plug(RENAMED_READERS)
    site.add_migration("0002_volume", RENAMING)

    assert site.migrate_and_ask(
        """
volume = Volume.objects.get()
answer = [volume.readers.get().name, Volume.readers.through._meta.db_table]
"""
    ) == ["Jane", "library_volume_readers"]


def test_rows_of_a_retired_many_to_many_field_go_with_their_model(site):
    site.plug(READERS)
    site.migrate_and_ask(READ_EMMA)
    site.plug("")
    site.migrate_and_ask(
        """
call_command("migrate", "library", "zero", verbosity=0)
call_command("migrate", verbosity=0)
Book.objects.create(title="Persuasion")
Person.objects.create(name="Anne")
answer = None
"""
    )

    site.plug(READERS)

    assert site.migrate_and_ask(
        """
answer = [Book.objects.get().pk, Person.objects.get().pk, Book.readers.through.objects.count()]
"""
    ) == [1, 1, 0]


def test_they_go_with_it_under_the_name_that_it_has_by_then(site):
    site.plug(READERS)
    site.migrate_and_ask(READ_EMMA)
    site.plug("")
    site.manage("migrate", "-v0")
    rename_book(site)
    site.add_migration("0002_volume", RENAMING)
    site.manage("migrate", "-v0")
    site.add_migration("0003_another", ANOTHER_VOLUME, before="0002_volume")
    site.migrate_and_ask('Volume.objects.create(title="Persuasion"); answer = None')

    site.plug(RENAMED_READERS)

    assert site.migrate_and_ask(
        "answer = [Volume.objects.get().pk, Volume.readers.through.objects.count()]"
    ) == [1, 0]


def test_relations_are_retired_together_with_a_new_name_of_their_target(site):
    second = 'models.ForeignKey("library.Book", models.CASCADE, null=True, related_name="+")'
    site.plug(f'{READERS}\ninject_field("library.Loan", "second", {second})')
    site.manage("migrate", "-v0")
    site.plug("")
    rename_book(site)
    site.add_migration("0002_volume", RENAMING)

    assert site.migrate_and_ask(
        """
with connection.cursor() as cursor:
    answer = [
        [table, column]
        for table in ("library_book_readers", "library_loan")
        for column in connection.introspection.get_relations(cursor, table)
    ]
"""
    ) == [["library_loan", "book_id"]]


def test_rows_can_be_deleted_while_the_target_of_an_injected_field_is_not_there(site):
    site.plug(
        """
class Shop(models.Model):
    pass

inject_field("library.Book", "shop", models.ForeignKey(Shop, models.CASCADE, null=True))
inject_field("library.Book", "shops", models.ManyToManyField(Shop, related_name="sold"))
"""
    )
    site.write({"plugin/migrations/__init__.py": ""})
    site.manage("makemigrations", "-v0", "plugin")
    site.migrate_and_ask(
        """
from plugin.models import Shop
for title in ("Emma", "Persuasion"):
    Book.objects.create(title=title).shops.add(Shop.objects.create())
answer = None
"""
    )

    assert site.ask(
        """
call_command("migrate", "plugin", "zero", verbosity=0)
answer = Book.objects.filter(title="Emma").delete()
"""
    ) == [1, {"library.Book": 1}]
    assert site.migrate_and_ask(
        """
book = Book.objects.get()
before = book.shops.count()
book.shops.create()
answer = [before, book.shops.count(), Book.objects.all().delete()[1]]
"""
    ) == [0, 1, {"library.Book": 1, "library.Book_shops": 1}]
