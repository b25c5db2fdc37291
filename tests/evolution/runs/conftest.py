"""A clock that the tests move, and an engine that keeps deliveries until they are asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dynschema.evolution.clock import Clock
from dynschema.evolution.engines.base import Engine

MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)


class Time:
    """Stands still until a test moves it, or until somebody sleeps."""

    def __init__(self):
        self.now = MORNING
        self.slept = []
        self.clock = Clock(lambda: self.now, self.seconds, self.sleep)

    def seconds(self):
        return (self.now - MORNING).total_seconds()

    def move(self, seconds):
        self.now += timedelta(seconds=seconds)

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.move(seconds)


class Shelf(Engine):
    """Keeps deliveries in a list, as a queue without a worker does."""

    deliveries = []

    def enqueue(self, delivery):
        self.deliveries.append(delivery)
        return f"shelf {len(self.deliveries)}"


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def deliveries(settings):
    """Have runs kept, so that the test is the worker."""
    settings.DYNSCHEMA = {
        "evolution": {"engine": "shelf", "engines": {"shelf": f"{__name__}.Shelf"}}
    }
    Shelf.deliveries.clear()
    return Shelf.deliveries


@pytest.fixture
def short_slices(settings):
    """Have each slice end after one batch."""
    settings.DYNSCHEMA = {"evolution": {"slice_seconds": 0.0}}
