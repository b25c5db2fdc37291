"""Works that the tests launch, some of them in other processes."""

from __future__ import annotations

import os
import signal
from typing import Any

from django.apps import apps
from django.db.models import F

from dynschema.evolution import BulkWork, QuerySetWork, Throttle, Work, register
from tests.evolution.runs.stock.models import Item


def model_named(name: str) -> Any:
    return apps.get_model("stock", name)


@register()
class CountRows(QuerySetWork):
    """Adds one to each row; fails at rows that are named "bad"."""

    batch_size = 10

    def __init__(self, model: str = "Item") -> None:
        self.model = model

    def get_queryset(self):
        return model_named(self.model).objects.all()

    def process(self, item):
        if getattr(item, "name", "") == "bad":
            item.times = 99
            item.save()
            raise ValueError(f"{item.name} of {item.pk}")
        item.times += 1
        item.save()


@register()
class CountInBulk(BulkWork):
    batch_size = 10

    def __init__(self, model: str = "Item") -> None:
        self.model = model

    def get_queryset(self):
        return model_named(self.model).objects.all()

    def process_batch(self, batch):
        batch.update(times=F("times") + 1)
        if self.model == "Item" and batch.filter(name="bad").exists():
            raise ValueError("a bad one is among them")


@register()
class CountNames(Work):
    """Goes over a list; adds one to the item of each name."""

    batch_size = 2

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def items(self):
        return self.names

    def process(self, item):
        if not Item.objects.filter(name=item).update(times=F("times") + 1):
            raise LookupError(item)


@register("stock-taking")
def add_item(name: str, times: int = 1) -> None:
    Item.objects.create(name=name, times=times)


def was_busy() -> bool:
    """Tell whether somebody was busy, once."""
    deleted, _ = Item.objects.filter(name="busy").delete()
    return deleted > 0


@register()
class CountWhenCalm(CountRows):
    throttles = (Throttle(was_busy, delay_seconds=0.3),)


@register()
class CountUntilKilled(CountRows):
    """Kills its own process at a row, where a test wants that: nothing can be tidied up then."""

    def process(self, item):
        super().process(item)
        if item.name == "deadly" and "TEST_KILL" in os.environ:
            os.kill(os.getpid(), signal.SIGKILL)
