"""Brings a run nowhere: a command, or the code that launched it, works it off."""

from __future__ import annotations

from dynschema.evolution.delivery import Delivery
from dynschema.evolution.engines.base import Engine


class ManualEngine(Engine):
    """For runs that wait until somebody calls `finish`, or that their own code takes along."""

    def enqueue(self, delivery: Delivery) -> str:
        """Leave it where it is."""
        return ""
