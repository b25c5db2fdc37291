"""Promise 7: a field that other dynamic tables refer to takes them along, or stays as it is."""

import pytest
from django.db import models

import dynschema
from dynschema.exceptions import StillNeededError
from tests.forms.models import Design, Form
from tests.support import builders
from tests.support.builders import entries
from tests.support.evolves import nothing_left_to_do
from tests.support.state import state

pytestmark = pytest.mark.django_db

CODE = models.CharField(max_length=5, unique=True, null=True)


def to_code(name: str) -> models.ForeignKey:
    return models.ForeignKey(
        "forms.RoomEntry", models.CASCADE, to_field=name, null=True, related_name="+"
    )


@pytest.fixture
def rooms() -> Form:
    """Give rooms with a code, and meetings that refer to a room by its code."""
    rooms = builders.form("room", code=CODE)
    meetings = builders.form("meeting", room=to_code("code"))
    room = entries(rooms).objects.create(code="R1")
    entries(meetings).objects.create(room=room)
    return rooms


def codes() -> list[str]:
    return list(entries(Form.objects.get(name="meeting")).objects.values_list("room", flat=True))


def test_what_refers_to_a_field_follows_its_type(rooms):
    builders.change(rooms, "code", models.CharField(max_length=9, unique=True, null=True))

    assert codes() == ["R1"]
    for form in Form.objects.all():
        assert nothing_left_to_do(form)


def test_what_refers_to_a_primary_key_follows_its_type():
    key = models.CharField(max_length=5, primary_key=True)
    rooms = builders.form("room", code=key)
    to_room = models.ForeignKey("forms.RoomEntry", models.CASCADE, related_name="+")
    meetings = builders.form("meeting", room=to_room)
    entries(meetings).objects.create(room=entries(rooms).objects.create(code="R1"))

    builders.change(rooms, "code", models.CharField(max_length=9, primary_key=True))

    entries(meetings).objects.create(room=entries(rooms).objects.create(code="R23456789"))
    assert codes() == ["R1", "R23456789"]
    for form in Form.objects.all():
        assert nothing_left_to_do(form)


@pytest.mark.parametrize("renamed", ["other", None], ids=["another", "its own"])
def test_what_refers_to_a_table_follows_its_name(renamed):
    """The foreign key is called after the table."""
    rooms = builders.form("room")
    to_room = models.ForeignKey("forms.RoomEntry", models.CASCADE, related_name="+")
    builders.form("meeting", room=to_room)

    builders.redesign(rooms, Design(db_table="other"))
    builders.redesign(rooms, Design(db_table=renamed))

    for form in Form.objects.all():
        assert nothing_left_to_do(form)


@pytest.mark.parametrize(
    "change",
    [
        lambda rooms: builders.change(rooms, "code", models.CharField(max_length=5, null=True)),
        lambda rooms: builders.retire(rooms, "code"),
        lambda rooms: builders.rename(rooms, "code", "number"),
    ],
    ids=["not unique", "retired", "renamed"],
)
def test_a_field_that_others_refer_to_stays_as_they_need_it(rooms, change):
    """SQLite would take it, and then refuse every row of both tables."""
    before = state()

    with pytest.raises(StillNeededError):
        change(rooms)

    assert state().differences(before) == []


def test_a_definition_that_must_stay_keeps_its_key(rooms):
    key = rooms.pk

    with pytest.raises(StillNeededError):
        rooms.delete()

    assert (rooms.pk, Form.objects.filter(pk=key).exists()) == (key, True)


def test_a_field_is_renamed_together_with_what_refers_to_it(rooms):
    with dynschema.atomic():
        builders.rename(rooms, "code", "number")
        builders.change(Form.objects.get(name="meeting"), "room", to_code("number"))

    assert codes() == ["R1"]
    assert entries(rooms).objects.get().number == "R1"
