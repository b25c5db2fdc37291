"""What an engine brings to a worker: which run, and in which generation of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Delivery:
    """The order to take one run through its next slice.

    It is good for one time: whoever takes the run moves it to the next generation.
    """

    run_pk: UUID
    generation: int
    using: str = "default"
    """The alias of the database in which the run is stored."""
    context: dict[str, Any] = field(default_factory=dict)
    delay_seconds: float = 0.0
    """Not to be brought before so many seconds have passed."""

    def as_json(self) -> dict[str, Any]:
        """Return what can be sent to another process; the delay is no part of it."""
        return {
            "run": str(self.run_pk),
            "generation": self.generation,
            "using": self.using,
            "context": self.context,
        }

    @classmethod
    def from_json(cls, sent: dict[str, Any]) -> Delivery:
        """Read what `as_json` gave."""
        return cls(UUID(sent["run"]), sent["generation"], sent["using"], sent["context"])
