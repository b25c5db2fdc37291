"""What schedules call."""

from functools import partial, wraps

from dynschema.evolution import QuerySetWork, register
from tests.evolution.schedules.rooms.models import Note, Room


def daily_maintenance(message):
    Note.objects.create(text="daily", details=message["task"].userdata)


def sweep():
    Note.objects.create(text="swept")


def water(litres: int, plant: str = "fern"):
    Note.objects.create(text=f"watered {plant}", details={"litres": litres})


falls = []


def fall():
    falls.append("down")
    raise ValueError("the ladder is short")


def fail(message):
    Note.objects.create(text="undone")
    raise ValueError("the bucket is empty")


async def hurry(message):
    """Nobody would wait for it."""


def loud(function):
    @wraps(function)
    def call(*args, **kwargs):
        return function(*args, **kwargs)

    return call


@loud
def wrapped(message):
    Note.objects.create(text="wrapped")


@register()
class RenameRooms(QuerySetWork):
    def __init__(self, prefix: str):
        self.prefix = prefix

    def get_queryset(self):
        return Room.objects.all()

    def process(self, item):
        item.name = self.prefix + item.name
        item.save()


class Broom:
    """Its instances are stored nowhere."""

    def sweep(self, message):
        """Nobody can come here."""

    @staticmethod
    def lean(message):
        Note.objects.create(text="leans")


nameless = lambda message: None  # noqa: E731 - on purpose
hurried = partial(water, 1)
