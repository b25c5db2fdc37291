"""What `dump2py` writes, and what it refuses."""

import json
import resource
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
from django.test import override_settings

from dynschema.evolution.dumps import dumping
from dynschema.evolution.dumps.dumping import Options, dump
from dynschema.evolution.dumps.exceptions import OpenTransactionError
from dynschema.evolution.models import Run
from tests.evolution.dumps.conftest import edit, texts
from tests.evolution.dumps.museum.models import Place, Room, Value
from tests.evolution.runs.stock.models import Item

PROGRAM = '''\
resolve_model('museum.Room')


def create_museum_room(id, name, within_id, opened_at, changed_at):
    kw = dict()
    kw.update(id=id)
    kw.update(name=name)
    kw.update(within_id=within_id)
    kw.update(opened_at=opened_at)
    kw.update(changed_at=changed_at)
    return museum_Room(**kw)


def main(args):
    """Restore everything: one line for each file."""
    with script.restoring(args) as loader:
        execfile('museum_room.py')
        loader.build_tables(epoch=0)
        loader.write_sequence(museum_Room, 5000)


if __name__ == "__main__":
    main(script.arguments())
'''


def test_many_rows_are_spread_over_files(command):
    Room.objects.bulk_create(Room(name=f"{number}") for number in range(4))

    folder = command.dump("dump", "museum.Room", "-m", "2")

    assert sorted(texts(folder)) == [
        "manifest.json", "museum_room_1.py", "museum_room_2.py", "restore.py",
    ]  # fmt: skip
    files = json.loads((folder / "manifest.json").read_text())["files"]
    assert [(each["name"], each["rows"]) for each in files] == [
        ("museum_room_1.py", 2), ("museum_room_2.py", 2),
    ]  # fmt: skip
    assert command.printed == f"4 rows are in {folder}.\n"
    assert command.errors.splitlines()[-1].startswith(f"{folder}: ")


def test_models_may_stand_before_and_after_options(command):
    folder = command.folder / "dump"

    command.call("dump2py", str(folder), "museum.Room", "-m", "1", "stock.Item", "-o")

    assert sorted(texts(folder)) == [
        "manifest.json", "museum_room.py", "restore.py", "stock_item.py",
    ]  # fmt: skip


def test_without_a_folder_there_is_no_dump(command):
    assert "the following arguments are required: folder" in command.failure("dump2py", "-o")


def test_the_program_has_one_line_for_each_field_and_each_file(command):
    Room.objects.create(pk=5000, name="Hall")

    folder = command.dump("dump", "museum.Room")

    text = (folder / "restore.py").read_text()
    assert text.partition("museum_Room = ")[2] == PROGRAM


def test_a_folder_that_is_there_is_left_alone(command):
    folder = command.dump("dump", "museum.Room")
    before = texts(folder)

    assert command.failure("dump2py", str(folder)) == (
        f'[dynschema.E570] The folder "{folder}" exists already. '
        "Name another one, or overwrite it with -o."
    )
    assert texts(folder) == before
    command.dump("dump", "museum.Room", "stock.Item", "-o")
    assert "stock_item.py" in texts(folder)
    assert [each.name for each in command.folder.iterdir()] == ["dump"]


def test_a_folder_that_is_no_dump_is_never_overwritten(command):
    precious = command.folder / "precious.txt"
    precious.write_text("mine")

    assert command.failure("dump2py", str(command.folder), "-o") == (
        f'[dynschema.E570] The folder "{command.folder}" exists already and is no dump, so it is '
        "not overwritten. Name another one."
    )
    assert precious.read_text() == "mine"


def test_what_is_not_a_folder_of_its_own_is_never_overwritten(command, monkeypatch):
    link, place = command.folder / "link", command.folder / "place"
    place.mkdir()
    link.symlink_to(command.folder / "nowhere")
    monkeypatch.chdir(place)

    assert "already and is a link, so it is not overwritten" in command.failure(
        "dump2py", str(link), "-o"
    )
    assert "already and is where you are, so it is not overwritten" in command.failure(
        "dump2py", ".", "-o"
    )
    assert sorted(each.name for each in command.folder.iterdir()) == ["link", "place"]


def test_where_nothing_can_be_written_there_is_no_dump(command):
    (command.folder / "file").write_text("mine")
    target = command.folder / "file" / "dump"

    assert command.failure("dump2py", str(target), "museum.Room") == (
        f'[dynschema.E586] The dump cannot be written to "{target}": File exists. Nothing of it is '
        "left there. Make room, or name a folder in which you may write."
    )
    assert Run.objects.get().error_class.endswith(".UnwritableFolderError")


@contextmanager
def small_disk(size):
    """No file may have more bytes."""
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


def size_of_database():
    path = Path(connection.settings_dict["NAME"])
    return path.stat().st_size if path.exists() else 0


def test_a_full_disk_leaves_no_folder(command):
    # Four letters each in a dump, which is then larger than the database has room to grow.
    Value.objects.create(text="\x01" * (size_of_database() // 2 + 2_000_000))
    target = command.folder / "dump"

    with small_disk(size_of_database() + 1_000_000):
        message = command.failure("dump2py", str(target), "museum.Value")

    assert "File too large. Nothing of it is left there." in message
    assert list(command.folder.iterdir()) == []


def test_an_app_is_all_of_its_models(command):
    folder = command.dump("dump", "museum", "stock.Item")

    names = set(texts(folder))
    assert {"museum_room.py", "museum_piece_rooms.py", "stock_item.py"} <= names
    assert not {"auth_user.py", "stock_parcel.py"} & names


class ByName:
    """Knows the models of the museum by their names, and not the tables between them."""

    def allow_migrate(self, database, app_label, model_name=None, **hints):
        return None if app_label != "museum" else model_name in {"room", "piece", "keeper"}


def test_a_router_is_asked_about_the_models_that_have_many_to_many_rows(command):
    with override_settings(DATABASE_ROUTERS=[ByName()]):
        folder = command.dump("dump", "museum")

    assert {name for name in texts(folder) if name.startswith("museum")} == {
        "museum_room.py",
        "museum_piece.py",
        "museum_keeper.py",
        "museum_piece_rooms.py",
    }


@pytest.mark.parametrize("label", ["sessions.Session", "contenttypes"])
def test_what_has_nothing_to_dump_is_refused(label, command):
    assert command.failure("dump2py", str(command.folder / "dump"), label) == (
        f"There is nothing to dump of {label}: proxies have no rows, other databases and unmanaged "
        "tables are not touched, sessions and content types left out."
    )


@contextmanager
def hidden(table):
    """The table has another name."""
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{table}" RENAME TO "museum_hidden"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "museum_hidden" RENAME TO "{table}"')


@pytest.mark.parametrize("arguments", [["dump2py"], ["ddt", "other"]], ids=lambda each: each[0])
def test_a_table_that_is_missing_is_named_and_leaves_no_folder(command, arguments, database):
    name, *others = arguments
    reason = {
        "sqlite": "no such table: museum_place",
        "postgresql": 'relation "museum_place" does not exist',
    }
    folder = command.folder / "dump"

    with hidden("museum_place"):
        failure = command.failure(name, str(folder), *others)

    run = Run.objects.get()
    assert failure == run.error_message
    assert failure == (
        f'[dynschema.E572] The dump in "{folder}" is not complete: museum_place could not be read '
        f"({reason[database]}), so it was not written. Run manage.py migrate if something is "
        "missing; dump2py -t goes on without that table."
    )
    assert list(command.folder.iterdir()) == []
    assert (run.kind, run.name, run.status) == ("dump", str(folder), "errored")


NOT_READ = """\
        # The rows of museum_place could not be read. To restore all others, comment out the next
        # line and say --edited; the table keeps the rows that it has then.
        execfile('museum_place.py')
"""


@pytest.fixture
def without_places(command):
    """A dump made while the table was not there."""
    Room.objects.create(name="Hall")
    folder = command.folder / "dump"
    with hidden("museum_place"):
        failure = command.failure("dump2py", str(folder), "-t")
    assert failure == (
        f'[dynschema.E572] The dump in "{folder}" is not complete: museum_place could not be read. '
        "It cannot be restored as it is; see restore.py."
    )
    return folder


def test_with_t_it_goes_on_and_the_dump_cannot_be_restored_as_it_is(command, without_places):
    assert "'Hall'" in (without_places / "museum_room.py").read_text()
    assert (without_places / "museum_place.py").read_text() == (
        "raise Exception('The data of table museum_place has not been dumped.')\n"
    )
    assert NOT_READ in (without_places / "restore.py").read_text()
    assert command.refusal(without_places) == (
        f'[dynschema.E572] The dump in "{without_places}" is not complete: museum_place could not '
        "be read. Dump again, or follow what main() in restore.py says about it."
    )
    assert command.refusal(without_places, "--edited") == (
        '[dynschema.E575] "museum_place.py", line 1, cannot be executed: Exception: The data of '
        "table museum_place has not been dumped.. The database is unchanged. Comment out in "
        "restore.py what is gone (a field in its create function, a model in main()), then "
        "restore again."
    )


def test_without_the_line_of_what_was_not_read_all_else_is_restored(command, without_places):
    Room.objects.all().delete()
    Place.objects.create(room="Here", shelf=1)
    edit(without_places / "restore.py", "execfile('museum_place.py')", "# not read")

    command.restore(without_places, "--edited")

    assert Room.objects.get().name == "Hall"
    assert Place.objects.get().room == "Here"


def test_a_run_tells_how_many_rows_there_were(command):
    Room.objects.bulk_create(Room(name=f"{number}") for number in range(3))

    folder = command.dump("dump", "museum.Room")
    command.restore(folder)

    restored, dumped = Run.objects.order_by("-created_at")
    assert [
        (each.kind, each.status, each.total_count, each.done_count) for each in (dumped, restored)
    ] == [("dump", "succeeded", 3, 3), ("restore", "succeeded", 3, 3)]
    assert restored.seconds_running > 0


def test_within_a_transaction_it_is_refused(command):
    with transaction.atomic(), pytest.raises(OpenTransactionError) as caught:
        dump(command.folder / "dump", Options())

    assert str(caught.value) == (
        "[dynschema.E571] A dump needs a transaction of its own, and one is open on database "
        '"default". Dump outside of it.'
    )


@pytest.fixture
def readers_let_write(command, database):
    """On PostgreSQL they always do; on SQLite with a write-ahead log."""
    if database == "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode = WAL")
    yield
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode = DELETE")


def test_rows_written_meanwhile_are_in_no_table_of_the_dump(
    command, readers_let_write, monkeypatch
):
    """The first table is read, then somebody writes to both."""
    Item.objects.create(name="before")

    def write_elsewhere():
        Item.objects.create(name="meanwhile")
        Room.objects.create(name="meanwhile")
        connections["default"].close()

    threads = [threading.Thread(target=write_elsewhere)]
    read = dumping.read_rows

    def interrupted(source, using):
        while threads:
            thread = threads.pop()
            thread.start()
            thread.join()
        return read(source, using)

    monkeypatch.setattr(dumping, "read_rows", interrupted)

    folder = command.dump("dump", "museum.Room", "stock.Item")

    assert Item.objects.filter(name="meanwhile").exists()
    assert "meanwhile" not in "".join(texts(folder).values())
