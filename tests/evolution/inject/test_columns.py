"""The columns of injected fields follow after `migrate`, on filled tables, and nothing is lost."""

import pytest

pytestmark = pytest.mark.slow

NAMES = 'answer = list(Book.objects.order_by("pk").values_list("title", "pages"))'
COLUMNS = """
with connection.cursor() as cursor:
    found = connection.introspection.get_table_description(cursor, "library_book")
answer = {each.name: each.null_ok for each in found}
"""
ADD_BOOK = 'Book.objects.create(title="Emma"); answer = None'
EVERY_SORT = """
import datetime, decimal, uuid
from django.utils import timezone
for number, field in enumerate([
    models.CharField(max_length=9, default="it's 100%", db_index=True),
    models.CharField(max_length=9, blank=True),
    models.CharField(max_length=9, null=True, unique=True),
    models.TextField(default="long"),
    models.DecimalField(max_digits=5, decimal_places=2, default=decimal.Decimal("1.5")),
    models.BooleanField(default=False),
    models.DateTimeField(default=timezone.now),
    models.DateTimeField(auto_now=True),
    models.DateField(default=datetime.date(2020, 2, 29)),
    models.DurationField(default=datetime.timedelta(hours=1)),
    models.JSONField(default=dict),
    models.UUIDField(default=uuid.uuid4),
    models.BinaryField(default=b"x"),
    models.PositiveIntegerField(default=1),
    models.IntegerField(db_default=5),
    models.ForeignKey("library.Person", models.SET_NULL, null=True),
    models.OneToOneField("plugin.Shop", models.SET_NULL, null=True),
    models.ForeignKey("self", models.CASCADE, null=True, db_column="mother"),
]):
    inject_field("library.Book", f"f{number}", field)

class Shop(models.Model):
    pass
"""
PAGES = 'inject_field("library.Book", "pages", models.IntegerField(default=7))'


def test_a_filled_table_gets_the_column_with_its_default(site):
    site.ask(ADD_BOOK)
    site.plug(PAGES)

    answer = site.migrate_and_ask(
        """
from dynschema.models import Change, Table
Book.objects.create(title="Persuasion", pages=9)
change = Change.objects.get()
answer = {
    "rows": list(Book.objects.order_by("pk").values_list("title", "pages")),
    "fields": [each.name for each in Book._meta.fields],
    "who": [change.table.name, change.actor, change.definition, change.epoch],
    "sql": change.sql,
    "dynamic": Table.objects.count(),
}
"""
    )
    sql = answer.pop("sql")
    assert answer == {
        "rows": [["Emma", 7], ["Persuasion", 9]],
        "fields": ["id", "title", "pages"],
        "who": ["library_book", "manage.py migrate", "fields injected into library.Book", 1],
        "dynamic": 0,
    }
    assert sql == 'ALTER TABLE "library_book" ADD COLUMN "pages" integer NOT NULL DEFAULT 7'


def test_every_sort_of_field_gets_its_column_and_the_second_migrate_finds_nothing(site):
    site.ask(ADD_BOOK)
    site.plug(EVERY_SORT)

    site.manage("migrate", "-v0", "--run-syncdb")
    assert site.migrate_and_ask(
        """
from dynschema.models import Change
book = Book.objects.get()
shown = [getattr(book, f"f{n}") for n in range(18) if n not in (6, 7, 11)]
Book.objects.create(title="Persuasion")
with connection.cursor() as cursor:
    found = connection.introspection.get_table_description(cursor, "library_book")
optional = [each.name for each in found if each.null_ok]
answer = [Change.objects.count(), [str(each) for each in shown], book.f11.version, optional]
"""
    ) == [
        1,
        ["it's 100%", "", "None", "long", "1.50", "False", "2020-02-29", "1:00:00", "{}", "b'x'",
         "1", "5", "None", "None", "None"],
        4,
        ["f2", "f6", "f7", "f11", "f15_id", "f16_id", "mother"],
    ]  # fmt: skip


def test_a_field_that_is_taken_away_is_retired_and_comes_back_with_its_values(site):
    site.plug(PAGES)
    site.migrate_and_ask('Book.objects.create(title="Emma", pages=400); answer = None')

    site.plug("")
    without = site.migrate_and_ask(f'Book.objects.create(title="Persuasion"){COLUMNS}')
    site.plug(PAGES)

    assert without == {"id": False, "title": False, "pages": True}
    assert site.migrate_and_ask(NAMES) == [["Emma", 400], ["Persuasion", 7]]
    assert site.ask(COLUMNS) == {"id": False, "title": False, "pages": False}


def test_a_renamed_field_keeps_its_values_under_its_key(site):
    site.plug(PAGES)
    site.migrate_and_ask('Book.objects.create(title="Emma", pages=400); answer = None')

    site.plug(
        """
inject_field("library.Book", "length", models.IntegerField(default=7), key="library.Book.pages")
"""
    )
    assert site.migrate_and_ask(COLUMNS) == {"id": False, "title": False, "length": False}
    assert site.ask("answer = Book.objects.get().length") == 400


def test_what_the_data_would_not_survive_is_refused_before_anything_is_changed(site):
    site.ask(f"{ADD_BOOK}; {ADD_BOOK}")
    site.plug('inject_field("library.Book", "code", models.IntegerField(default=1, unique=True))')

    site.manage(
        "migrate",
        "-v0",
        complaint='[dynschema.E203] The field "code" of table "library_book" cannot become unique: '
        "2 records share a value with another",
    )

    assert site.ask(COLUMNS) == {"id": False, "title": False}


def test_migrate_says_without_a_traceback_which_targets_have_gone_meanwhile(site):
    keeper = 'models.ForeignKey("library.Person", models.SET_NULL, null=True)'
    site.plug(f'inject_field("library.Book", "keeper", {keeper})')
    site.migrate_and_ask(
        """
Book.objects.create(title="Emma", keeper=Person.objects.create(name="Jane"))
answer = None
"""
    )
    site.plug("")
    site.migrate_and_ask("Person.objects.all().delete(); answer = None")
    site.plug(f'inject_field("library.Book", "keeper", {keeper})')

    process = site.start("-m", "django", "migrate", "-v0")
    _, said = process.communicate()

    assert process.returncode == 1
    assert said == (
        'CommandError: [dynschema.E204] The field "keeper_id" of table "library_book" cannot refer '
        'to "library_person": 1 record refers to a row that is not there (record 1 "1"). Clear or '
        "correct them first.\n"
    )
    assert site.ask(
        """
from dynschema.exceptions import MissingTargetsError
try:
    call_command("migrate", verbosity=0)
except MissingTargetsError as error:
    connection.cursor().execute(f"UPDATE {error.table} SET {error.field} = NULL")
call_command("migrate", verbosity=0)
answer = [Book.objects.get().keeper]
"""
    ) == [None]


def test_relations_can_be_followed_in_both_directions(site):
    site.plug(
        """
inject_field("library.Book", "keeper", models.ForeignKey(
    "library.Person", models.CASCADE, null=True, related_name="kept"))
inject_field("library.Book", "readers", models.ManyToManyField("library.Person"))
"""
    )
    assert site.migrate_and_ask(
        """
from django.db.models import Count
person = Author.objects.create(name="Jane", born=1775)
book = Book.objects.create(title="Emma", keeper=person)
book.readers.add(person)
answer = [
    Person.objects.filter(kept__title="Emma").count(),
    person.book_set.get().title,
    Book.objects.annotate(n=Count("readers")).get().n,
    person.kept.get().title,
    person.delete()[1],
]
"""
    ) == [
        1,
        "Emma",
        1,
        "Emma",
        {"library.Book_readers": 1, "library.Book": 1, "library.Author": 1, "library.Person": 1},
    ]


def test_a_many_to_many_field_is_retired_and_comes_back_with_its_rows(site):
    injected = 'inject_field("library.Book", "readers", models.ManyToManyField("library.Person"))'
    site.plug(injected)
    site.migrate_and_ask(
        """
for title in ("Emma", "Persuasion"):
    Book.objects.create(title=title).readers.add(Person.objects.create(name=title))
answer = None
"""
    )

    site.plug("")
    site.migrate_and_ask(
        """
Book.objects.filter(title="Persuasion").delete()
with connection.cursor() as cursor:
    cursor.execute("DELETE FROM library_book_readers WHERE book_id NOT IN "
                   "(SELECT id FROM library_book)")
answer = None
"""
    )
    site.plug(injected)
    assert site.migrate_and_ask(
        "answer = [each.name for each in Book.objects.get().readers.all()]"
    ) == ["Emma"]


def test_relations_to_a_model_whose_primary_key_is_a_decimal_get_their_columns(site):
    site.plug(
        """
from decimal import Decimal

class Rack(models.Model):
    mark = models.DecimalField(max_digits=20, decimal_places=4, primary_key=True)

class Label(models.Model):
    rack = models.OneToOneField(Rack, models.CASCADE, primary_key=True)

inject_field("library.Book", "rack", models.ForeignKey(Rack, models.CASCADE, null=True))
inject_field("library.Book", "label", models.ForeignKey(Label, models.CASCADE, null=True))
inject_field("library.Book", "racks", models.ManyToManyField(Rack, related_name="more"))
"""
    )
    site.manage("migrate", "-v0", "--run-syncdb")

    assert site.migrate_and_ask(
        """
from dynschema.models import Change
from plugin.models import Decimal, Label, Rack
rack = Rack.objects.create(mark=Decimal("1.5"))
book = Book.objects.create(title="Emma", rack=rack, label=Label.objects.create(rack=rack))
book.racks.add(rack)
book.refresh_from_db()
found = [book.rack_id, book.label_id, book.racks.get().pk, rack.more.get().rack.mark]
answer = [[str(each) for each in found], Change.objects.count()]
"""
    ) == [["1.5000"] * 4, 2]


def test_children_and_proxies_have_the_fields_of_their_parents(site):
    site.plug(
        """
inject_field("library.Person", "nick", models.CharField(max_length=9, default="J"))
inject_field("library.Book", "pages", models.IntegerField(default=7))
"""
    )
    assert site.migrate_and_ask(
        """
from django.forms import modelform_factory
author = Author.objects.create(name="Jane", nick="Janie")
answer = [
    Author.objects.filter(nick="Janie").get().nick,
    Author.objects.values_list("person_ptr__nick", flat=True).get(),
    [each.name for each in Author._meta.fields],
    OldBook.objects.create(title="Emma").pages,
    list(modelform_factory(Author, fields="__all__").base_fields),
]
"""
    ) == [
        "Janie",
        "Janie",
        ["id", "name", "nick", "person_ptr", "born"],
        7,
        ["name", "born", "nick"],
    ]


def test_an_empty_database_is_migrated_in_one_go(unmigrated):
    unmigrated.plug(PAGES)

    unmigrated.manage("migrate", "-v0")
    assert unmigrated.migrate_and_ask(COLUMNS) == {"id": False, "title": False, "pages": False}


def test_apps_can_be_migrated_one_after_the_other(unmigrated):
    unmigrated.plug(PAGES)

    unmigrated.manage("migrate", "-v0", "contenttypes")
    unmigrated.manage("migrate", "-v0", "library")
    without = unmigrated.ask(COLUMNS)
    unmigrated.manage("migrate", "-v0", "dynschema")

    assert without == {"id": False, "title": False}
    assert unmigrated.ask(COLUMNS) == {"id": False, "title": False, "pages": False}


def test_columns_that_run_syncdb_has_made_are_taken_over(unmigrated):
    unmigrated.settle('MIGRATION_MODULES = {"library": None}')
    unmigrated.plug(PAGES)
    unmigrated.manage("migrate", "-v0", "--run-syncdb")

    unmigrated.plug("")
    unmigrated.manage("migrate", "-v0", "--run-syncdb")

    assert unmigrated.ask(COLUMNS) == {"id": False, "title": False, "pages": True}


def test_a_column_of_somebody_else_is_left_alone(site):
    site.ask('connection.cursor().execute("ALTER TABLE library_book ADD pages date"); answer = 0')
    site.plug(PAGES)

    site.manage(
        "migrate",
        "-v0",
        complaint=f'[dynschema.E596] The field "pages" injected into library.Book '
        f'({site.folder}/plugin/models.py:5) cannot have the column "pages" of table '
        f'"library_book" in database "default": it is there already, has the type date and '
        "should have integer. Choose another db_column.",
    )


def test_an_injection_that_changes_is_followed(site):
    for field in (
        "models.IntegerField(default=7)",
        "models.BigIntegerField(default=8, db_index=True)",
        "models.BigIntegerField(null=True, unique=True)",
        "models.CharField(max_length=9, blank=True)",
    ):
        site.plug(f'inject_field("library.Book", "pages", {field})')
        if "CharField" in field:
            break
        site.ask(
            f"""
call_command("migrate", verbosity=0)
Book.objects.create(title="{field[:20]}")
answer = None
"""
        )

    site.manage("migrate", "-v0", complaint="[dynschema.E205]")

    site.plug('inject_field("library.Book", "pages", models.BigIntegerField(null=True))')
    site.manage("migrate", "-v0")
    assert [pages for _, pages in site.ask(NAMES)] == [7, 8, None]


def test_migrate_tells_what_it_does(site):
    site.plug(PAGES)

    printed = site.manage("migrate").splitlines()

    assert printed[-2:] == [
        "Injected fields:",
        '  Add required field "pages" (integer) to table "library_book".',
    ]


def test_an_app_that_declares_the_field_itself_takes_the_column_over(site):
    site.plug(PAGES)
    site.migrate_and_ask(ADD_BOOK)
    site.plug("")
    site.change_library(
        "title = models.CharField(max_length=50)",
        "title = models.CharField(max_length=50)\n    pages = models.IntegerField(default=0)",
    )
    site.add_migration(
        "0002_pages", 'migrations.AddField("book", "pages", models.IntegerField(default=0))'
    )

    site.manage(
        "migrate",
        "-v0",
        complaint='[dynschema.E599] The migration cannot add the column "pages" to table '
        '"library_book": it is there, and has the values of an injected field. Nothing was '
        "changed. Run the migration with --fake; the column is the app's own then.",
    )
    site.manage("migrate", "-v0", "--fake", "library")

    assert site.ask(NAMES) == [["Emma", 7]]
    assert site.ask(COLUMNS) == {"id": False, "title": False, "pages": False}
    assert site.ask("from dynschema.models import Field; answer = Field.objects.count()") == 0
