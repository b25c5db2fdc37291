"""Dump, restore, dump: the second dump is the first, byte for byte."""

from tests.evolution.dumps.conftest import texts
from tests.evolution.dumps.museum.models import Room


def test_what_is_restored_is_dumped_again_in_the_same_bytes(command):
    hall = Room.objects.create(name=" Hall ")
    Room.objects.create(name="Niche", within=hall)
    first = command.dump("first")

    Room.objects.all().delete()
    command.restore(first)
    second = command.dump("second")

    assert texts(second) == texts(first)
    assert list(Room.objects.order_by("pk").values_list("name", flat=True)) == [" Hall ", "Niche"]
