"""What is refused in words that no other test brings about."""

from contextlib import suppress
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connections
from django.utils import timezone

from dynschema.evolution.dumps.exceptions import NotARestoreError, UnfitColumnError
from dynschema.evolution.dumps.loading import FlushDeferredObjects, Loader
from dynschema.evolution.dumps.recorded import recorded
from dynschema.evolution.dumps.scratch import scratch_database
from dynschema.evolution.exceptions import OwnershipLostError
from dynschema.evolution.models import Run
from dynschema.evolution.recovery import recover
from dynschema.evolution.registry import Reference
from dynschema.exceptions import UnsupportedDatabaseError
from tests.evolution.dumps.conftest import edit
from tests.evolution.dumps.museum.models import Room
from tests.evolution.dumps.oddities.models import Drawer, Thing
from tests.support.builders import survey


def test_a_restore_whose_process_is_gone_is_errored_and_not_taken_over(command):
    with suppress(OwnershipLostError), recorded("restore", "dumps/monday", "default") as tally:
        Run.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
        recover()
        tally.finish()

    run = Run.objects.get()
    assert run.status == "errored"
    assert run.error_message == (
        '[dynschema.E585] The restore "dumps/monday" ended with its process and cannot be taken '
        "over. What a restore had done was rolled back; start it again."
    )


def test_a_loader_takes_whatever_holds_rows(command):
    loader = Loader()

    loader.save([None, Room(pk=1, name="a"), (Room(pk=2, name="b"), FlushDeferredObjects)])
    assert Room.objects.count() == 2
    loader.save(each for each in [Room(pk=3, name="c"), FlushDeferredObjects()])
    assert Room.objects.count() == 3
    with pytest.raises(TypeError, match="3 is no instance of a model"):
        loader.save(3)


@pytest.mark.only("postgresql")
def test_a_retired_column_of_an_unknown_type_is_named(command):
    lunch = survey("lunch", age="integer", dish="text")
    lunch.questions.get(slug="age").delete()
    folder = command.dump()
    edit(folder / "restore.py", "models.IntegerField(null=True)", "Column('colour', null=True)")

    assert command.refusal(folder) == (
        '[dynschema.E578] The retired column "age" of table "surveymaker_lunchresponse" has the '
        'type "colour", which PostgreSQL does not know. The database is unchanged. '
        "Change the column in restore.py, or remove it there."
    )


def test_a_scratch_database_is_made_where_it_is_known_how(command):
    settings = {**connections.databases["default"], "ENGINE": "django.db.backends.dummy"}
    connections.databases["dummy"] = settings

    try:
        with pytest.raises(UnsupportedDatabaseError), scratch_database("default", "dummy"):
            pass
    finally:
        del connections["dummy"]
        del connections.databases["dummy"]


def test_a_dump_is_no_work_for_an_engine():
    with pytest.raises(NotARestoreError):
        Reference("dump", "dumps/monday").factory()


def test_the_error_of_a_column_keeps_its_facts():
    error = UnfitColumnError(table="t", column="c", type="colour", vendor="PostgreSQL")

    assert (error.table, error.column, error.type) == ("t", "c", "colour")


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        (
            {"thing": Thing()}, "thing",
            "a thing becomes 'a thing', and that 'a thing'",
        ),
        ({"things": [{}]}, "things", "Thing has no literal"),
        ({"things": {}}, "things", "a thing becomes a thing, which is no text"),
    ],
)  # fmt: skip
def test_a_value_that_would_not_come_back_is_named(values, field, reason, command):
    Drawer.objects.create(**values)

    assert command.failure("dump2py", str(command.folder / "dump"), "retired.Drawer") == (
        f"[dynschema.E587] A value of retired.Drawer.{field} cannot be written: {reason}. Give the "
        "field a value_to_string() of whose text its to_python() makes the same value."
    )


@pytest.mark.parametrize(
    "arguments",
    [["dump2py", "x"], ["ddt", "a", "b"], ["testdump", "x"], ["inject", "list"], ["adopt_records"]],
    ids=lambda each: each[0],
)
def test_an_unknown_database_is_refused_with_the_known_ones(command, arguments):
    assert "invalid choice: 'nope' (choose from" in command.failure(*arguments, "--database=nope")


def test_a_database_to_go_through_that_is_unknown_is_refused_before_anything_is_written(command):
    first, second = command.folder / "first", command.folder / "second"

    message = command.failure("ddt", str(first), str(second), "--through=nope")

    assert message.startswith("Error: argument --through: invalid choice: 'nope' (choose from ")
    assert list(command.folder.iterdir()) == []


def test_a_restore_that_can_ask_nobody_changes_nothing(command, monkeypatch, capsys):
    Room.objects.create(name="Hall")
    folder = command.dump("dump", "museum.Room")
    Room.objects.update(name="Attic")
    monkeypatch.setattr("sys.stdin", StringIO())

    assert command.failure("run", str(folder / "restore.py")) == (
        "There is nobody to ask. Nothing was changed; say --noinput to restore without asking."
    )
    assert Room.objects.get().name == "Attic"
    assert capsys.readouterr().out.endswith('Type "yes" to go on: ')


def test_a_restore_into_an_unknown_database_is_refused(command, capsys):
    folder = command.dump("dump", "museum.Room")

    with pytest.raises(SystemExit) as caught:
        command.restore(folder, "--database=nope")

    assert caught.value.code == 2
    assert "invalid choice: 'nope' (choose from" in capsys.readouterr().err


@pytest.mark.parametrize("count", ["0", "-1", "many"])
def test_a_file_has_a_row_at_least(command, count):
    message = command.failure("dump2py", str(command.folder / "dump"), f"-m{count}")

    assert message.startswith("Error: argument -m/--max-row-count: ")
    assert not (command.folder / "dump").exists()
