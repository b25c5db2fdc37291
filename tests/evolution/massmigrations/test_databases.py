"""A mass migration is applied once to each database, and its runs are kept there."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from dynschema.evolution import Run
from dynschema.evolution.exceptions import NoRunTableError
from dynschema.evolution.massmigrations.exceptions import CannotRunOnDB
from dynschema.evolution.massmigrations.loader import find
from tests.evolution.runs.stock.models import Item

pytestmark = pytest.mark.django_db(transaction=True)

ON_ONE = """
from dynschema.evolution import SimpleMigration

class Migration(SimpleMigration):
    allowed_db_aliases = ["default"]

    def operation(self, db_alias):
        pass
"""

AFTER_IT = """
from dynschema.evolution import SimpleMigration

class Migration(SimpleMigration):
    dependencies = [("APP", "0001_first")]

    def operation(self, db_alias):
        pass
"""


def test_each_database_has_its_own_record(archive):
    find("shop:0001_open").launch("archive")

    migration = find("shop:0001_open")
    assert migration.get_migration_record("archive").is_applied
    assert migration.get_migration_record("default") is None
    assert (Item.objects.using("archive").count(), Item.objects.count()) == (1, 0)
    assert (Run.objects.using("archive").count(), Run.objects.count()) == (1, 0)


def test_rows_of_another_database_are_mapped_there(archive):
    find("shop:0001_open").launch("archive")
    Item.objects.create()

    run = find("shop:0002_count").launch("archive")

    assert (run.status, run.done_count) == ("succeeded", 1)
    assert Item.objects.using("archive").get().times == 1
    assert Item.objects.get().times == 0


def test_what_is_not_meant_for_a_database_is_refused_there(archive, make_app):
    label = make_app(m0001_first=ON_ONE)

    with pytest.raises(CannotRunOnDB) as refused:
        find(f"{label}:0001_first").launch("archive")

    assert str(refused.value) == (
        f'[dynschema.E533] Mass migration "{label}:0001_first" cannot run on database "archive", '
        "only on default. Choose one of these, or change its allowed_db_aliases."
    )


def test_what_runs_elsewhere_only_is_waited_for_there(archive, make_app):
    label = make_app(m0001_first=ON_ONE, m0002_second=AFTER_IT)
    find(f"{label}:0001_first").launch("default")

    run = find(f"{label}:0002_second").launch("archive")

    assert (run.status, run.database) == ("succeeded", "archive")


def test_a_database_without_the_table_is_named_with_the_command(archive):
    with connections["archive"].schema_editor() as editor:
        editor.delete_model(Run)

    with pytest.raises(NoRunTableError) as refused:
        find("shop:0001_open").launch("archive")

    assert str(refused.value) == (
        '[dynschema.E515] Database "archive" has no table for runs, which are stored beside the '
        "data they change. Run: manage.py migrate dynschema_evolution --database=archive."
    )


def test_the_command_lists_every_database_and_works_on_the_one_that_is_named(archive, capsys):
    call_command("massmigrate", "run", "shop:0001_open", database="archive")
    capsys.readouterr()

    call_command("massmigrate", "list", "shop:0001_open")

    assert capsys.readouterr().out == (
        "[ ] shop:0001_open on default: not run\n[X] shop:0001_open on archive: applied\n"
    )


def test_the_command_shows_a_database_without_the_table(archive, capsys):
    with connections["archive"].schema_editor() as editor:
        editor.delete_model(Run)

    call_command("massmigrate", "list", "shop:0001_open")
    listed = capsys.readouterr().out
    call_command("massmigrate", "status", "shop:0001_open", database="archive")

    assert listed == (
        "[ ] shop:0001_open on default: not run\n[ ] shop:0001_open on archive: no table for runs\n"
    )
    assert "migrate dynschema_evolution --database=archive" in capsys.readouterr().out


def test_the_command_refuses_an_unknown_database():
    with pytest.raises(CommandError) as refused:
        call_command("massmigrate", "run", "shop:0001_open", database="attic")

    assert str(refused.value) == 'There is no database "attic"; the settings name default.'
