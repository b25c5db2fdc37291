"""A site with injected fields starts: in any order of its apps, and without a database."""

import pytest

pytestmark = pytest.mark.slow

FIRST = 'INSTALLED_APPS = ["plugin", *[each for each in INSTALLED_APPS if each != "plugin"]]'
ANOTHER_AUTODETECTOR = """
from django.core.management.commands.{name} import Command as Base
from other.autodetector import Autodetector

class Command(Base):
    autodetector = Autodetector

    def handle(self, *args, **options):
        self.stdout.write("the command of another app")
        return super().handle(*args, **options)
"""
ROUTER = """
class Router:
    def allow_migrate(self, db, app_label, model_name=None, **hints):
        if app_label == "library":
            return (db == "other") == (model_name == "person")
        return None if ALLOWED or db == "default" else app_label != "dynschema"
    def db_for_read(self, model, **hints):
        return "other" if model._meta.model_name == "person" else None
    db_for_write = db_for_read
ALLOWED = True
"""


def test_models_can_be_loaded_after_what_is_injected_into_them(site):
    site.settle(FIRST)
    site.plug(
        """
do_when_prepared(lambda model: inject_field(model, "pages", models.IntegerField(default=7)),
    "library.Book")
update_field("library.Book", "pages", verbose_name="leaves", default=8)
update_field("library.Author", "name", verbose_name="pen name")
inject_field("library.Person", "nick", models.CharField(max_length=9, default="J"))
inject_field("library.Book", "readers", models.ManyToManyField("library.Author"))
inject_field("library.Book", "shop", models.ForeignKey("plugin.Shop", models.CASCADE, null=True))

class Shop(models.Model):
    pass
"""
    )

    site.manage("migrate", "-v0", "--run-syncdb")

    assert site.manage("check") == "System check identified no issues (0 silenced).\n"
    assert site.ask(
        """
from plugin.models import Shop
book = Book.objects.create(title="Emma", shop=Shop.objects.create())
book.readers.add(Author.objects.create(name="Jane"))
answer = [
    [each.name for each in Book._meta.get_fields()],
    [each.name for each in Author._meta.fields],
    [str(model._meta.get_field("name").verbose_name) for model in (Person, Author)],
    [book.pages, str(Book._meta.get_field("pages").verbose_name)],
    Shop.objects.get().book_set.get().readers.get().nick,
]
"""
    ) == [
        ["loan", "id", "title", "pages", "shop", "readers"],
        ["id", "name", "nick", "person_ptr", "born"],
        ["official name", "pen name"],
        [8, "leaves"],
        "J",
    ]


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_start_names_what_is_left_over(site, place):
    if place == "before":
        site.settle(FIRST)
    site.plug(
        """
inject_field("library.Booklet", "pages", models.IntegerField(default=7))
do_when_prepared(print, "gone.Model")
"""
    )

    site.manage(
        "check",
        complaint="NeverPreparedError: [dynschema.E594] 2 calls are still waiting for models that "
        'are not there, although all apps are loaded: "library.Booklet", '
        f"inject_field(library.Booklet, 'pages', …) ({site.folder}/plugin/models.py:6); "
        f'"gone.Model", do_when_prepared(print, …) ({site.folder}/plugin/models.py:7). Correct',
    )


def test_a_start_names_what_is_there_already_and_what_is_not(site):
    site.settle(FIRST)
    site.plug('\n\ninject_field("library.Book", "title", models.IntegerField(default=7))')
    site.manage(
        "check",
        complaint='DuplicateFieldError: [dynschema.E590] The field "title" cannot be injected into '
        f"library.Book ({site.folder}/plugin/models.py:7): library.Book has a field of that name.",
    )

    site.plug('update_field("library.Book", "pages", blank=True)')
    site.manage(
        "check",
        complaint='UnknownFieldError: [dynschema.E592] The field "pages" of library.Book cannot be '
        f"updated ({site.folder}/plugin/models.py:5): the model has no such field",
    )


def test_a_site_starts_while_its_database_is_down(site, database):
    site.plug('inject_field("library.Book", "pages", models.IntegerField(default=7))')
    nowhere = {
        "sqlite": f"sqlite:///{site.folder}/no-such-folder/site.sqlite3",
        "postgresql": f"postgresql://nobody@/nothing?host={site.folder}",
    }
    site.url = nowhere[database]

    assert site.manage("check") == "System check identified no issues (0 silenced).\n"
    assert site.ask("answer = [each.name for each in Book._meta.fields]") == [
        "id",
        "title",
        "pages",
    ]


def test_the_commands_of_another_app_go_on_and_claim_nothing(site):
    site.plug('inject_field("library.Book", "pages", models.IntegerField(default=7))')
    site.write(
        {
            "other/autodetector.py": "from django.db.migrations.autodetector import *\n"
            "class Autodetector(MigrationAutodetector): pass"
        }
    )
    for name in ("migrate", "makemigrations"):
        site.write({f"other/management/commands/{name}.py": ANOTHER_AUTODETECTOR.format(name=name)})
    site.settle('INSTALLED_APPS += ["other"]')
    after = site.manage("makemigrations", "--check", "--dry-run")
    site.settle('INSTALLED_APPS = ["other", *INSTALLED_APPS[:-1]]')

    assert after == "the command of another app\nNo changes detected\n"
    site.manage(
        "check",
        complaint="?: (dynschema_evolution.E003) `manage.py makemigrations` comes from other, "
        "which knows nothing of injected fields: it would claim them for the apps of their models.",
    )


def test_another_app_may_have_one_of_the_commands(site):
    site.plug('inject_field("library.Book", "pages", models.IntegerField(default=7))')
    site.write(
        {
            "other/management/commands/migrate.py": (
                "from django.core.management.commands import migrate\n"
                "class Command(migrate.Command): pass"
            )
        }
    )
    site.settle('INSTALLED_APPS = ["other", *INSTALLED_APPS]')

    assert site.manage("check") == "System check identified no issues (0 silenced).\n"
    assert site.manage("makemigrations", "--check", "--dry-run") == "No changes detected\n"


def test_the_command_shows_and_makes_the_columns(site):
    site.plug('inject_field("library.Book", "pages", models.IntegerField(default=7))')

    assert site.manage("inject", "list") == (
        f"library.Book.pages  {site.folder}/plugin/models.py:5\n"
    )
    plan = site.run("-m", "django", "inject", "plan", "--check", complaint="would change.")
    assert plan.splitlines()[:2] == [
        'Plan for table "library_book" (injected:library.book):',
        '1. Add required field "pages" (integer) to table "library_book".',
    ]
    assert site.manage("inject", "sync").splitlines()[:2] == plan.splitlines()[:2]
    assert site.manage("inject", "plan", "--check") == "Nothing to do.\n"

    site.plug("")
    assert '"operation": "retire_field"' in site.manage("inject", "sync", "--json")
    assert site.manage("inject", "list") == "retired: library_book.pages\n"


def test_two_processes_that_make_the_same_columns_both_succeed(site):
    site.plug('inject_field("library.Book", "pages", models.IntegerField(default=7))')

    both = [site.start("-m", "django", "inject", "sync") for _ in range(2)]
    printed = sorted(process.communicate()[0].splitlines()[0] for process in both)

    assert [process.returncode for process in both] == [0, 0]
    assert printed[-1] == 'Plan for table "library_book" (injected:library.book):'
    assert site.ask("from dynschema.models import Change; answer = Change.objects.count()") == 1


def test_a_field_of_the_swapped_user_is_part_of_it(unmigrated):
    unmigrated.settle('AUTH_USER_MODEL = "library.User"')
    unmigrated.change_library(
        "class Book(",
        "from django.contrib.auth.models import AbstractUser\n"
        "class User(AbstractUser):\n    pass\n\n\nclass Book(",
    )
    unmigrated.manage("makemigrations", "library", "-v0")
    unmigrated.plug(
        """
from django.conf import settings
inject_field(settings.AUTH_USER_MODEL, "nick", models.CharField(max_length=9, blank=True))
"""
    )

    assert unmigrated.migrate_and_ask(
        """
User.objects.create_user("jane", nick="J")
answer = list(User.objects.values_list("username", "nick"))
"""
    ) == [["jane", "J"]]


def test_each_database_has_the_columns_of_its_own_models(site, tmp_path):
    site.settle(
        f"""
DATABASES["other"] = {{"ENGINE": "django.db.backends.sqlite3", "NAME": "{tmp_path}/other.db"}}
DATABASE_ROUTERS = ["routers.Router"]
"""
    )
    site.write({"routers.py": ROUTER})
    site.plug(
        """
inject_field("library.Person", "nick", models.CharField(max_length=9, default="J"))
inject_field("library.Book", "pages", models.IntegerField(default=7))
"""
    )

    site.manage("migrate", "-v0")
    site.manage("migrate", "-v0", "--database=other")

    assert site.ask(
        """
Person.objects.create(name="Jane")
Book.objects.create(title="Emma")
answer = [Person.objects.get().nick, Book.objects.get().pages]
"""
    ) == ["J", 7]
    (tmp_path / "other.db").unlink()
    site.write({"routers.py": ROUTER.replace("= True", "= False")})
    site.manage(
        "migrate",
        "-v0",
        "--database=other",
        complaint='[dynschema.E598] The database "other" has models with injected fields '
        "(library.Person), and the router keeps the tables of dynschema away from it.",
    )


def test_the_databases_of_tests_have_the_columns(site):
    site.plug('inject_field("library.Book", "pages", models.IntegerField(default=7))')
    site.write(
        {
            "library/tests.py": """
from django.test import TestCase, TransactionTestCase
from library.models import Book

class InATransaction(TestCase):
    def test(self):
        self.assertEqual(Book.objects.create(title="Emma").pages, 7)

class Flushed(TransactionTestCase):
    def test_once(self):
        Book.objects.create(title="Emma", pages=3)

    def test_twice(self):
        self.assertEqual(Book.objects.filter(pages__gt=0).count(), 0)
"""
        }
    )

    assert "OK" in site.run("-c", TESTS)


TESTS = """
import sys
sys.stderr = sys.stdout
sys.argv = ["manage.py", "test", "--noinput"]
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""


def test_the_migration_of_one_app_may_come_before_those_of_dynschema(site):
    site.plug('inject_field("library.Book", "pages", models.IntegerField(default=7))')
    site.manage("migrate", "-v0", "dynschema", "0001")

    site.manage("migrate", "-v0", "library")
    site.manage("migrate", "-v0")

    assert site.ask("answer = Book.objects.create(title='Emma').pages") == 7


# Django gives a column of SQLite its UNIQUE without a name.
@pytest.mark.only("postgresql")
def test_what_run_syncdb_has_made_is_ours_and_can_be_changed(unmigrated):
    injected = 'inject_field("library.Book", "pages", models.IntegerField(null=True{}))'
    unmigrated.settle('MIGRATION_MODULES = {"library": None}')
    unmigrated.plug(injected.format(", unique=True"))
    unmigrated.manage("migrate", "-v0", "--run-syncdb")

    unmigrated.plug(injected.format(""))
    unmigrated.manage("migrate", "-v0", "--run-syncdb")

    books = "[Book.objects.create(title=title, pages=5) for title in 'ab']"
    assert unmigrated.ask(f"answer = len({books})") == 2
