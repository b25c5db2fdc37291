"""Python dumps hold injected fields like any other, and fit a site that has others."""

import pytest

pytestmark = pytest.mark.slow

INJECTED = """
inject_field("library.Book", "pages", models.IntegerField(default=7))
inject_field("library.Book", "readers", models.ManyToManyField("library.Person"))
"""
FILL = """
for title in ("Emma", "Persuasion"):
    book = Book.objects.create(title=title, pages=400)
    book.readers.add(Person.objects.create(name=title))
answer = None
"""
VALUES = """
answer = [
    [book.title, book.pages, [each.name for each in book.readers.all()]]
    for book in Book.objects.order_by("pk")
]
"""


def manage(site, *arguments):
    """Run a command that shows its progress where errors are."""
    site.run(
        "-c",
        "import sys; sys.stderr = sys.stdout\n"
        "from django.core.management import execute_from_command_line\n"
        f"execute_from_command_line(['manage.py', *{arguments}])",
    )


def restore(site, folder):
    manage(site, "run", f"{folder}/restore.py", "--noinput")


def test_a_dump_is_restored_with_its_injected_fields_and_the_next_migrate_finds_nothing(site):
    site.plug(INJECTED)
    site.migrate_and_ask(FILL)
    manage(site, "ddt", "dump", "same")
    site.ask("Book.objects.all().delete(); answer = None")

    restore(site, "dump")
    assert site.migrate_and_ask(VALUES) == [
        ["Emma", 400, ["Emma"]],
        ["Persuasion", 400, ["Persuasion"]],
    ]
    assert site.manage("inject", "plan", "--check") == "Nothing to do.\n"
    site.plug("")
    site.manage("migrate", "-v0")
    site.plug(INJECTED)
    assert site.migrate_and_ask(VALUES)[0] == ["Emma", 400, ["Emma"]]


def test_a_dump_from_before_the_injection_is_restored_with_defaults(site):
    site.ask('Book.objects.create(title="Emma"); answer = None')
    manage(site, "dump2py", "dump")
    site.plug(INJECTED)
    site.manage("migrate", "-v0")

    restore(site, "dump")
    assert site.migrate_and_ask(VALUES) == [["Emma", 7, []]]
    assert site.manage("inject", "plan", "--check") == "Nothing to do.\n"


def test_retired_columns_of_apps_are_left_alone_by_a_dump(site):
    site.plug(INJECTED)
    site.migrate_and_ask(FILL)
    site.plug("")
    site.manage("migrate", "-v0")

    manage(site, "dump2py", "a")
    restore(site, "a")
    site.plug(INJECTED)
    assert site.migrate_and_ask("answer = [each.title for each in Book.objects.all()]") == [
        "Emma",
        "Persuasion",
    ]
