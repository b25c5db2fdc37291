"""Executes a run where it was launched, at once: needs no worker and no server."""

from __future__ import annotations

from dynschema.evolution.delivery import Delivery
from dynschema.evolution.engines.base import Engine


class InlineEngine(Engine):
    """Returns from the launch when the run has ended, or waits for something."""

    def enqueue(self, delivery: Delivery) -> str:
        """Execute it."""
        self.work_off(delivery)
        return ""

    def executes_at_once(self) -> bool:
        """It does."""
        return True
