"""Rows refer to the same rows after a restore, however they refer to them."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from tests.evolution.dumps.conftest import edit, texts
from tests.evolution.dumps.museum.models import Fresco, Keeper, Label, Painting, Piece, Room


def test_children_of_models_come_back_with_all_levels(command):
    hall = Room.objects.create(name="Hall")
    fresco = Fresco.objects.create(title="Sky", width=Decimal("2.5"), wall="north")
    fresco.rooms.add(hall)
    Painting.objects.create(title="Sea", width=1)
    first = command.dump("first")

    Piece.objects.all().delete()
    command.restore(first)

    assert texts(command.dump("second")) == texts(first)
    found = Fresco.objects.get()
    assert (found.pk, found.title, found.width, found.wall) == (
        fresco.pk, "Sky", Decimal("2.500"), "north",
    )  # fmt: skip
    assert list(found.rooms.all()) == [hall]


def test_rows_in_a_circle_come_back(command):
    with transaction.atomic():
        piece = Piece.objects.create(title="Vase")
        keeper = Keeper.objects.create(code="ann", favourite=piece)
        Piece.objects.update(keeper=keeper)
        upper = Room.objects.create(pk=2, name="Upper")
        Room.objects.create(pk=1, name="Lower", within=upper)
    first = command.dump("first")

    command.restore(first)

    assert texts(command.dump("second")) == texts(first)
    assert Piece.objects.get().keeper.favourite_id == piece.pk
    assert Room.objects.get(name="Lower").within.name == "Upper"


def test_times_that_django_sets_by_itself_are_kept(command):
    long_ago = datetime(2001, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)
    Room.objects.create(name="Hall")
    Room.objects.update(opened_at=long_ago, changed_at=long_ago + timedelta(days=1))
    folder = command.dump()

    command.restore(folder)

    room = Room.objects.get()
    assert (room.opened_at, room.changed_at) == (long_ago, long_ago + timedelta(days=1))


def test_content_types_are_called_by_name(command):
    kind = ContentType.objects.get_for_model(Room)
    label = Label.objects.create(kind=kind, number="1", text="Look!").pk
    group = Group.objects.create(name="visitors")
    group.permissions.add(Permission.objects.get(codename="view_fresco"))
    folder = command.dump()
    # Elsewhere, content types have other numbers.
    Label.objects.all().delete()
    Permission.objects.all().delete()
    ContentType.objects.all().delete()
    ContentType.objects.clear_cache()
    ContentType.objects.create(app_label="museum", model="something")

    command.restore(folder)

    assert Label.objects.get().kind.model_class() is Room
    assert Group.objects.get().permissions.get().content_type.model_class() is Fresco
    assert (
        f"create_museum_label({label}, 'museum.room', '1', 'Look!')"
        in (folder / "museum_label.py").read_text()
    )


def test_no_number_is_given_to_a_row_twice(command):
    rooms = [Room.objects.create(name=str(number)) for number in range(3)]
    last = rooms[-1].pk
    rooms[-1].delete()
    folder = command.dump()
    Room.objects.create(name="in between")

    command.restore(folder)

    assert Room.objects.create(name="new").pk == last + 1
    assert User.objects.create_user("ann").pk > 0


def test_permissions_of_models_that_the_dump_does_not_know_are_kept(command):
    """As after an upgrade: `migrate` has made them before the restore."""
    Permission.objects.filter(content_type__app_label="museum").delete()
    folder = command.dump("dump", "auth.Permission", "museum.Room")

    command.restore(folder)

    found = Permission.objects.filter(content_type__app_label="museum")
    assert found.filter(codename="view_fresco").count() == 1


def test_a_model_that_is_renamed_in_the_program_has_its_permissions(command):
    """As after an upgrade that calls rooms items: their site had no permissions for items."""
    items = Permission.objects.filter(content_type__app_label="stock", content_type__model="item")
    items.delete()
    folder = command.dump("dump", "auth.Permission", "museum.Room")
    edit(folder / "restore.py", "resolve_model('museum.Room')", "resolve_model('stock.Item')")

    command.restore(folder)

    assert sorted(items.values_list("codename", flat=True)) == [
        "add_item", "change_item", "delete_item", "view_item",
    ]  # fmt: skip


def test_a_permission_that_the_site_of_a_dump_has_deleted_stays_so(command):
    rooms = Permission.objects.filter(content_type__app_label="museum", content_type__model="room")
    rooms.filter(codename="delete_room").delete()
    folder = command.dump("dump", "auth.Permission", "museum.Room")

    command.restore(folder)

    assert not rooms.filter(codename="delete_room").exists()


def test_a_dump_whose_manifest_tells_no_models_is_restored_as_well(command):
    rooms = Permission.objects.filter(content_type__app_label="museum", content_type__model="room")
    rooms.filter(codename="delete_room").delete()
    folder = command.dump("dump", "auth.Permission", "museum.Room")
    manifest = json.loads((folder / "manifest.json").read_text())
    for each in manifest["files"]:
        del each["model"]
    (folder / "manifest.json").write_text(json.dumps(manifest))

    command.restore(folder)

    assert not rooms.filter(codename="delete_room").exists()
