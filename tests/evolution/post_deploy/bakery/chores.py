"""Functions that nobody has made an action of."""

from tests.evolution.runs.stock.models import Item


def lock_up():
    Item.objects.create(name="lock up")


def order(what):
    Item.objects.create(name=what)


class Broom:
    """No function."""
