"""The time, passed in wherever it matters, so that nobody needs to wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone


@dataclass(frozen=True)
class Clock:
    """Three ways to meet the time."""

    now: Callable[[], datetime] = timezone.now
    """The moment, aware."""
    seconds: Callable[[], float] = time.monotonic
    """For durations: never goes back."""
    sleep: Callable[[float], None] = time.sleep
    """Waits so many seconds."""


SYSTEM_CLOCK = Clock()
