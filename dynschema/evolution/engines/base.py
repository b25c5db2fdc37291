"""The contract of an engine: bring a delivery to a worker, which works it off."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from dynschema.evolution.clock import SYSTEM_CLOCK, Clock
from dynschema.evolution.delivery import Delivery
from dynschema.evolution.runner import perform


class Engine(ABC):
    """Brings deliveries to workers; it may lose them or bring them twice.

    A subclass is made for each use, without arguments, and keeps nothing.
    """

    supports_delay: ClassVar[bool] = False
    """Whether it brings a delivery after its delay; otherwise `recover` enqueues the run then."""

    @abstractmethod
    def enqueue(self, delivery: Delivery) -> str:
        """Hand a delivery on; called when the run is committed.

        Returns:
            What this engine calls it, or an empty text; stored as `engine_id`.
        """

    def executes_at_once(self) -> bool:
        """Tell whether `enqueue` returns only when the delivery is worked off."""
        return False

    def work_off(self, delivery: Delivery, clock: Clock = SYSTEM_CLOCK) -> None:
        """Do a worker's part: one slice, and hand the next one on.

        What executes at once loops here, as it would otherwise call itself for each slice.
        """
        following = perform(delivery, clock)
        while following and self.executes_at_once() and not following.delay_seconds:
            following = perform(following, clock)
        if following and self.brings(following):
            self.enqueue(following)

    def brings(self, delivery: Delivery) -> bool:
        """Tell whether it can bring this delivery when it is due."""
        return self.supports_delay or not delivery.delay_seconds
