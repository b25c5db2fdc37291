"""Schedules that are due when a test says so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dynschema.evolution import task_with_callable
from dynschema.evolution.schedules.models import Task
from tests.evolution.massmigrations.conftest import archive
from tests.evolution.schedules.rooms import tasks

__all__ = ["archive"]

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def schedule(transactional_db):
    """Make a schedule that was planned at noon, UTC; the site is in Berlin."""

    def make(given=tasks.sweep, line="*/10 * * * *", userdata=None, pk=None, **values):
        task = task_with_callable(given, values.pop("label", None), line, userdata, pk)
        for name, value in values.items():
            setattr(task, name, value)
        task.plan(NOON)
        task.save()
        return task

    return make


@pytest.fixture
def stored(transactional_db):
    """Read the one schedule again."""
    return lambda: Task.objects.get()
