"""Rows that refer to others, in the dump or not, and models that look for them."""

import pytest
from django.db import connection, transaction

from tests.evolution.dumps.conftest import edit, texts
from tests.evolution.dumps.museum.models import Fresco, Keeper, Piece, Room
from tests.evolution.dumps.oddities.models import Grandchild, Node

REMEDY = " The database is unchanged. Correct the row in its data file, or create_"


def test_rows_of_other_tables_may_refer_to_what_is_replaced(command):
    room = Room.objects.create(name="Hall")
    fresco = Fresco.objects.create(title="Sky", width=1, wall="north")
    fresco.rooms.add(room)
    folder = command.dump("dump", "museum.Piece", "museum.Room")

    command.restore(folder)

    assert list(Fresco.objects.get().rooms.all()) == [room]


def test_a_row_of_another_table_that_would_lose_what_it_refers_to_is_named(command):
    piece = Piece.objects.create(title="Vase")
    Keeper.objects.create(code="ann", favourite=piece)
    folder = command.dump("dump", "museum.Piece")
    edit(folder / "museum_piece.py", "loader.save", "# loader.save")

    assert command.refusal(folder, "--edited") == (
        f"[dynschema.E574] museum.Keeper with the primary key 'ann' does not fit: favourite_id is "
        f"{piece.pk!r}, and there is no such museum.Piece.{REMEDY}museum_keeper() in restore.py, "
        "then restore again."
    )
    assert Piece.objects.get() == piece


def test_a_child_without_its_parent_is_named(command):
    Grandchild.objects.create(code="b", pupil=True)
    folder = command.dump("dump", "retired.Relative", "retired.Grandchild")
    edit(folder / "retired_relative.py", "loader.save", "# loader.save")

    assert command.refusal(folder, "--edited", "--quick").startswith(
        "[dynschema.E574] retired.Grandchild with the primary key 'b' does not fit: "
        "relative_ptr_id is 'b', and there is no such retired.Relative."
    )


def test_a_model_may_look_for_rows_before_they_are_there(command):
    with transaction.atomic():
        Node.objects.create(pk=1, name="a", above_id=3)
        Node.objects.create(pk=2, name="b", above_id=1)
        Node.objects.create(pk=3, name="c", above_id=2)
    folder = command.dump("dump", "retired.Node")

    command.restore(folder)

    assert texts(command.dump("second", "retired.Node")) == texts(folder)


def test_what_a_model_finds_wrong_when_all_rows_are_there_is_named(command):
    with transaction.atomic():
        Node.objects.create(pk=1, name="a", above_id=2)
        Node.objects.create(pk=2, name="b")
    folder = command.dump("dump", "retired.Node")
    edit(folder / "retired_node.py", "'b'", "'a'")

    assert command.refusal(folder, "--edited") == (
        "[dynschema.E574] retired.Node with the primary key 1 does not fit: __all__: It is called "
        f"like the one above it.{REMEDY}retired_node() in restore.py, then restore again."
    )


def test_a_row_that_is_nowhere_is_named_although_its_model_looks_for_it(command):
    Node.objects.create(pk=1, name="a")
    folder = command.dump("dump", "retired.Node")
    edit(folder / "retired_node.py", "'a', None", "'a', 7")

    assert command.refusal(folder, "--edited") == (
        "[dynschema.E574] retired.Node with the primary key 1 does not fit: above_id is 7, and "
        f"there is no such retired.Node.{REMEDY}retired_node() in restore.py, then restore again."
    )


def test_a_row_whose_model_looks_for_what_never_comes_is_named(command):
    Node.objects.create(pk=1, name="lost")
    folder = command.dump("dump", "retired.Node")

    assert command.refusal(folder) == (
        "[dynschema.E574] retired.Node with the primary key 1 does not fit: Node matching query "
        f"does not exist.{REMEDY}retired_node() in restore.py, then restore again."
    )


@pytest.mark.parametrize("action", ["CASCADE", "SET NULL"])
def test_what_the_database_would_delete_by_itself_is_not_lost(action, command):
    """As with `DB_CASCADE` of Django 6.1, or a table that somebody has made by hand."""
    Room.objects.create(pk=1, name="Hall")
    folder = command.dump("dump", "museum.Room")
    reference = f'REFERENCES "museum_room" ON DELETE {action} DEFERRABLE INITIALLY DEFERRED'
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE TABLE "by_hand" (id integer PRIMARY KEY, room bigint {reference})')
        cursor.execute('INSERT INTO "by_hand" VALUES (1, 1)')
        try:
            refusal = command.refusal(folder)
            cursor.execute('SELECT room FROM "by_hand"')
            rows = cursor.fetchall()
        finally:
            cursor.execute('DROP TABLE "by_hand"')

    assert rows == [(1,)]
    assert refusal == (
        '[dynschema.E588] The table "by_hand" has 1 rows that the dump has not, and the database '
        'would not leave them alone when those of "museum_room" are replaced (ON DELETE '
        f"{action}). Dump both tables, or empty the first one."
    )
