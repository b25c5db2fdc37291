"""What a restore refuses, and that the database is unchanged then."""

import subprocess
import sys

import pytest

from dynschema.evolution.dumps.clearing import prove_empty
from dynschema.evolution.dumps.exceptions import FilledTableError
from dynschema.evolution.models import Run
from tests.evolution.dumps.conftest import edit
from tests.evolution.dumps.museum.models import Room, Value


@pytest.fixture
def rooms(command):
    """A dump with two rooms, and a database with a third one."""
    hall = Room.objects.create(pk=1, name="Hall")
    Room.objects.create(pk=2, name="Niche", within=hall)
    folder = command.dump("dump", "museum.Room")
    Room.objects.all().delete()
    Room.objects.create(pk=3, name="Cellar")
    return folder


def names():
    return list(Room.objects.order_by("pk").values_list("name", flat=True))


REMEDY = (
    " The database is unchanged. Correct the row in its data file, or create_museum_room() in "
    "restore.py, then restore again."
)


def test_a_row_that_its_model_refuses_is_named(command, rooms):
    edit(rooms / "museum_room.py", "'Niche'", "'N' * 41")

    assert command.refusal(rooms, "--edited") == (
        "[dynschema.E574] museum.Room with the primary key 2 does not fit: name: Ensure this value "
        "has at most 40 characters (it has 41)." + REMEDY
    )
    assert names() == ["Cellar"]
    run = Run.objects.get(kind="restore")
    assert (run.status, run.error_class) == (
        "errored", "dynschema.evolution.dumps.exceptions.UnfitRowError",
    )  # fmt: skip


def test_a_row_that_the_database_refuses_is_named(command, rooms, database):
    edit(rooms / "museum_room.py", "'Niche'", "'Hall'")

    reason = {
        "sqlite": "UNIQUE constraint failed: museum_room.name.",
        "postgresql": (
            'duplicate key value violates unique constraint "museum_room_name_key" '
            "DETAIL: Key (name)=(Hall) already exists."
        ),
    }
    assert command.refusal(rooms, "--edited") == (
        "[dynschema.E574] museum.Room with the primary key 2 does not fit: "
        + reason[database]
        + REMEDY
    )
    assert names() == ["Cellar"]


def test_a_row_that_refers_to_nothing_is_named(command, rooms):
    edit(rooms / "museum_room.py", "'Niche', 1,", "'Niche', 77,")

    assert command.refusal(rooms, "--edited", "--quick") == (
        "[dynschema.E574] museum.Room with the primary key 2 does not fit: within_id is 77, and "
        "there is no such museum.Room." + REMEDY
    )
    assert names() == ["Cellar"]


def test_quick_does_not_ask_the_model(command, rooms):
    edit(rooms / "museum_room.py", "'Niche'", "'Nowhere'")

    assert command.refusal(rooms, "--edited") == (
        "[dynschema.E574] museum.Room with the primary key 2 does not fit: __all__: There is no "
        "such room." + REMEDY
    )
    command.restore(rooms, "--edited", "--quick")
    assert names() == ["Hall", "Nowhere"]


def test_what_may_be_empty_in_the_database_fits(command, rooms):
    edit(rooms / "museum_room.py", "'Niche'", "''")

    command.restore(rooms, "--edited")

    assert names() == ["Hall", ""]


def test_an_edited_data_file_is_refused_unless_that_is_said(command, rooms):
    edit(rooms / "museum_room.py", "'Niche'", "'Nook'")

    assert command.refusal(rooms) == (
        f'[dynschema.E573] The file "museum_room.py" of the dump in "{rooms}" is not as it was '
        "written. If you have edited it yourself, restore with --edited; otherwise do not restore "
        "this dump."
    )
    assert names() == ["Cellar"]
    command.restore(rooms, "--edited")
    assert names() == ["Hall", "Nook"]


def test_a_dump_without_a_file_is_refused(command, rooms):
    (rooms / "museum_room.py").unlink()

    assert command.refusal(rooms, "--edited") == (
        f'[dynschema.E572] The dump in "{rooms}" is not complete: museum_room.py is missing. '
        "Dump again."
    )


def test_a_dump_that_was_interrupted_is_refused(command, rooms):
    (rooms / "manifest.json").unlink()

    assert command.refusal(rooms) == (
        f'[dynschema.E572] The dump in "{rooms}" is not complete: it has no manifest.json, so it '
        "was interrupted. Dump again."
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "JSONDecodeError('Expecting property name enclosed in double quotes"),
        ('{"version": "1.0"}', "KeyError('files')"),
        ('{"version": "", "files": [], "more": 1}', "TypeError("),
        ('"{}"', "TypeError("),
    ],
)
def test_a_manifest_that_cannot_be_read_is_refused(text, reason, command, rooms):
    (rooms / "manifest.json").write_text(text)

    assert command.refusal(rooms).startswith(
        f'[dynschema.E572] The dump in "{rooms}" is not complete: its manifest.json cannot be read '
        f"({reason}"
    )
    assert names() == ["Cellar"]


def test_files_may_have_been_edited_on_windows(command, rooms):
    for file in rooms.glob("*.py"):
        text = file.read_text(encoding="utf-8").replace("\n", "\r\n")
        file.write_bytes(b"\xef\xbb\xbf" + text.encode())

    command.restore(rooms, "--edited")

    assert names() == ["Hall", "Niche"]


def test_a_line_that_cannot_be_executed_is_named(command, rooms):
    edit(rooms / "museum_room.py", "'Niche'", "niche()")

    assert command.refusal(rooms, "--edited") == (
        "[dynschema.E575] \"museum_room.py\", line 3, cannot be executed: NameError: name 'niche' "
        "is not defined. The database is unchanged. Comment out in restore.py what is gone (a "
        "field in its create function, a model in main()), then restore again."
    )
    assert names() == ["Cellar"]


def test_it_asks_first(command, rooms, monkeypatch):
    asked = []
    monkeypatch.setattr("builtins.input", lambda text: asked.append(text) or "no")

    assert command.failure("run", str(rooms / "restore.py")) == "Nothing was changed."
    assert f"This executes the Python code in {rooms}." in asked[0]
    assert "It replaces all rows of 1 tables in the database" in asked[0]
    assert names() == ["Cellar"]
    monkeypatch.setattr("builtins.input", lambda text: "yes")
    command.call("run", str(rooms / "restore.py"))
    assert names() == ["Hall", "Niche"]


def test_it_can_be_run_again_and_again(command, rooms):
    command.restore(rooms)
    command.restore(rooms)

    assert names() == ["Hall", "Niche"]


def test_it_runs_as_a_plain_script(rooms, child_environment):
    done = subprocess.run(
        [sys.executable, str(rooms / "restore.py"), "--noinput"],
        env=child_environment,
        cwd="/",
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert names() == ["Hall", "Niche"]


def test_where_nothing_can_be_undone_only_empty_tables_are_filled(command):
    Room.objects.create(name="Hall")

    with pytest.raises(FilledTableError) as caught:
        prove_empty([Value, Room], "default")

    assert str(caught.value) == (
        '[dynschema.E577] The table "museum_room" has 1 rows, and database "default" cannot undo a '
        "restore that fails. Empty its tables first."
    )


def test_a_file_is_executed_in_pieces_and_its_lines_are_still_known(command):
    Value.objects.bulk_create(Value(integer=number) for number in range(2500))
    folder = command.dump("dump", "museum.Value")
    file = folder / "museum_value.py"
    lines = file.read_text().splitlines(keepends=True)
    lines[2200] = "loader.save(create_museum_value(\n" + lines[2200].partition("value(")[2]
    lines[2300] = lines[2300].replace("None", "Nought", 1)
    file.write_text("".join(lines))

    assert '"museum_value.py", line 2302, cannot be executed' in command.refusal(
        folder, "--edited", "--quick"
    )
    edit(file, "Nought", "None")
    command.restore(folder, "--edited", "--quick")
    assert Value.objects.count() == 2500


def test_a_failing_restore_does_not_count_anew(command, rooms):
    Room.objects.all().delete()  # Their numbers were not drawn from the sequence.
    last = Room.objects.create(name="Attic").pk
    edit(rooms / "restore.py", "        loader.write_sequence(", "        oops(")

    with pytest.raises(NameError):
        command.restore(rooms)

    assert Room.objects.create(name="Stairs").pk == last + 1
