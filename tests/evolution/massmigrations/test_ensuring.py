"""`migrate` passes the operation only when the mass migration is applied."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections
from django.db.migrations import Migration
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter

import dynschema
from dynschema.evolution import EnsureMassMigration, Run, pause
from dynschema.evolution.massmigrations.exceptions import (
    EnsuredInTransactionError,
    PendingMigrationError,
    UnknownMigrationError,
)
from dynschema.evolution.massmigrations.loader import find
from tests.evolution.runs.stock.models import Item

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def from_long_ago(monkeypatch):
    """Have the database look as if an earlier process had made it."""
    rows = MigrationRecorder(connection).migration_qs
    as_they_were = list(rows.all())
    rows.update(applied=datetime(2020, 1, 1, tzinfo=UTC))
    yield
    rows.bulk_update(as_they_were, ["applied"])


@pytest.fixture
def new_database():
    MigrationRecorder(connection).migration_qs.update(
        applied=datetime.now(tz=UTC) + timedelta(minutes=1)
    )


def migrate(operation, *, atomic=True, using="default"):
    """Do what `migrate` does with a migration that has only this operation."""
    state = ProjectState()
    state.add_model(ModelState.from_model(Item))
    migration = Migration("0007_later", "shop")
    migration.operations, migration.atomic = [operation], atomic
    with connections[using].schema_editor(atomic=atomic) as editor:
        migration.apply(state, editor)


def ensure(name, **options):
    return EnsureMassMigration("shop", name, **options)


@contextmanager
def stopped(status, remedy, name="0001_open"):
    with pytest.raises(PendingMigrationError) as error:
        yield
    assert str(error.value) == (
        f'[dynschema.E539] The mass migration "shop:{name}" must be applied to database '
        f'"default" before `migrate` can go on; it is {status}. {remedy}'
    )


def command(word, name="0001_open"):
    return f"Run: manage.py massmigrate {word} shop:{name} --database=default, then migrate again."


# Stopping


def test_what_is_not_run_stops_it_with_the_command():
    with stopped("not run", command("run")):
        migrate(ensure("0001_open"))

    assert Run.objects.count() == 0


def test_what_is_applied_lets_it_pass():
    find("shop:0001_open").launch("default")

    migrate(ensure("0001_open"))

    assert Item.objects.count() == 1


def test_what_is_errored_stops_it_with_the_error():
    find("shop:0001_open").launch("default")
    Item.objects.create(name="bad")
    find("shop:0002_count").launch("default")

    with stopped("errored (ValueError: it is bad)", command("resume", "0002_count"), "0002_count"):
        migrate(ensure("0002_count"), atomic=False)


def test_what_is_paused_stops_it(waiting):
    pause(find("shop:0001_open").launch("default"))

    with stopped("paused", command("resume")):
        migrate(ensure("0001_open"), atomic=False)


def test_what_is_under_way_stops_it_within_a_transaction(waiting):
    find("shop:0001_open").launch("default")

    with stopped("enqueued", command("resume")):
        migrate(ensure("0001_open"))


def test_an_unknown_mass_migration_stops_it():
    with pytest.raises(UnknownMigrationError):
        migrate(ensure("0009_gone"))


def test_the_table_for_runs_must_be_there_before(archive):
    with connections["archive"].schema_editor() as editor:
        editor.delete_model(Run)

    with pytest.raises(PendingMigrationError) as error:
        migrate(ensure("0001_open"), using="archive")

    assert str(error.value) == (
        '[dynschema.E539] The mass migration "shop:0001_open" must be applied to database '
        '"archive" before `migrate` can go on; it is not run. The table for runs is made later: '
        'add ("dynschema_evolution", "0001_initial") to the dependencies of that Migration class.'
    )


# Waiting and finishing


def test_what_is_under_way_is_waited_for(waiting, capsys):
    find("shop:0001_open").launch("default")

    migrate(ensure("0001_open"), atomic=False)

    assert Run.objects.get().status == "succeeded"
    assert capsys.readouterr().out.startswith("shop:0001_open: running, 1 of 1 items (100%)")


@pytest.mark.parametrize("engine", ["inline", "manual"])
def test_it_is_finished_there_and_then(settings, engine):
    settings.DYNSCHEMA = {"evolution": {"engine": engine}}

    migrate(ensure("0001_open", finalize=True), atomic=False)

    run = Run.objects.get()
    assert (run.status, run.triggered_by, Item.objects.count()) == (
        "succeeded",
        "manage.py migrate",
        1,
    )


def test_what_stopped_is_resumed(waiting):
    pause(find("shop:0001_open").launch("default"))

    migrate(ensure("0001_open", finalize=True), atomic=False)

    assert Run.objects.get().status == "succeeded"


def test_what_fails_stops_it():
    Item.objects.create(name="bad")
    find("shop:0001_open").launch("default")

    with stopped("errored (ValueError: it is bad)", command("resume", "0002_count"), "0002_count"):
        migrate(ensure("0002_count", finalize=True), atomic=False)


def test_the_models_are_those_of_that_point():
    find("shop:0001_open").launch("default")
    seen = []
    migration = find("shop:0002_count")
    type(migration).operation = wrapped(type(migration).operation, seen)

    migrate(ensure("0002_count", finalize=True), atomic=False)

    assert [kind.__module__ for kind in seen] == ["__fake__"]
    assert find("shop:0002_count").apps.get_model("stock", "Item") is Item


def wrapped(operation, seen):
    def watch(self, obj, db_alias):
        seen.append(type(obj))
        type(self).operation = operation
        operation(self, obj, db_alias)

    return watch


def test_nothing_is_finished_within_a_transaction():
    with pytest.raises(EnsuredInTransactionError) as refused:
        migrate(ensure("0001_open", finalize=True))

    assert str(refused.value) == (
        '[dynschema.E540] The mass migration "shop:0001_open" cannot be waited for within a '
        "transaction: nobody would see what is done until all is. Write atomic = False into that "
        "Migration class."
    )


# Nothing to do


def test_a_mapper_over_no_rows_counts_as_applied():
    migrate(ensure("0003_in_bulk"))

    run = Run.objects.get()
    assert (run.status, run.message) == ("skipped", "There were no rows.")
    assert find("shop:0003_in_bulk").get_migration_record("default").is_applied


def test_a_mapper_that_is_under_way_is_waited_for_even_if_no_rows_are_left(waiting):
    run = find("shop:0003_in_bulk").launch("default")

    migrate(ensure("0003_in_bulk"), atomic=False)

    assert list(Run.objects.values_list("pk", "status")) == [(run.pk, "succeeded")]


def test_a_new_database_is_not_held_up(new_database):
    migrate(ensure("0001_open"))

    assert Run.objects.count() == 0


def test_rows_in_a_new_database_are_not_forgotten(new_database):
    Item.objects.create()

    with stopped("not run", command("run", "0003_in_bulk"), "0003_in_bulk"):
        migrate(ensure("0003_in_bulk"))


def test_what_never_runs_on_this_database_lets_it_pass(archive, make_app):
    from tests.evolution.massmigrations.test_databases import ON_ONE

    label = make_app(m0001_first=ON_ONE)

    migrate(EnsureMassMigration(label, "0001_first"), using="archive")

    assert Run.objects.using("archive").count() == 0


class NoRunsInArchive:
    def allow_migrate(self, db, app_label, **hints):
        return not (db == "archive" and app_label == "dynschema_evolution")


def test_a_database_without_runs_is_let_pass(archive, settings):
    settings.DATABASE_ROUTERS = [NoRunsInArchive()]
    with connections["archive"].schema_editor() as editor:
        editor.delete_model(Run)

    migrate(ensure("0001_open"), using="archive")

    assert Run.objects.count() == 0


def test_it_goes_back_without_looking():
    state = ProjectState()
    migration = Migration("0007_later", "shop")
    migration.operations = [ensure("0001_open")]

    with connection.schema_editor() as editor:
        migration.unapply(state, editor)

    assert Run.objects.count() == 0


def test_it_can_be_written_and_described():
    operation = ensure("0001_open", finalize=True)

    text, _imports = MigrationWriter.serialize(operation)

    again = eval(text, {"dynschema": dynschema})
    assert (type(again), again.key, again.finalize) == (
        EnsureMassMigration,
        "shop:0001_open",
        True,
    )
    assert operation.describe() == "Ensure that the mass migration shop:0001_open is applied"
    assert operation.migration_name_fragment == "ensure_shop_0001_open"
