"""Functions that nobody has made an action of."""

import os
import signal
import sys

from tests.evolution.runs.stock.models import Item


def lock_up():
    Item.objects.create(name="lock up")


def order(what):
    Item.objects.create(name=what)


falls = []


def fall():
    falls.append("down")
    raise ValueError("the ladder is short")


def knead():
    """Does nothing before somebody goes through it."""
    yield


class Broom:
    """No function."""


def leave():
    sys.exit(0)


def burn():
    Item.objects.create(name="burn")
    if "TEST_KILL" in os.environ:
        os.kill(os.getpid(), signal.SIGKILL)
