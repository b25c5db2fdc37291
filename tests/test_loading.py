"""Loading leaves the garbage collector as it was."""

import gc

import pytest
from django.db import models

from dynschema import history
from dynschema.loading import load
from dynschema.runtime.snapshot import Snapshot
from tests.support import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def frozen(monkeypatch) -> list[str]:
    """Note when all objects are taken for old."""
    noted: list[str] = []
    monkeypatch.setattr(gc, "freeze", lambda: noted.append("frozen"))
    monkeypatch.setattr(gc, "unfreeze", lambda: noted.append("unfrozen"))
    return noted


def test_only_the_first_classes_of_a_process_count_as_old_at_once(frozen):
    builders.form("lunch", age=models.IntegerField(null=True))
    token = history.read_epoch("default")

    first = load("default", Snapshot(), token)
    assert frozen == ["frozen", "unfrozen"]

    builders.form("dinner", age=models.IntegerField(null=True))
    load("default", first, history.read_epoch("default"))
    assert frozen == ["frozen", "unfrozen"]
    assert gc.isenabled()


def test_what_a_server_has_frozen_stays_frozen(frozen, monkeypatch):
    monkeypatch.setattr(gc, "get_freeze_count", lambda: 1)

    load("default", Snapshot(), history.read_epoch("default"))

    assert frozen == []
