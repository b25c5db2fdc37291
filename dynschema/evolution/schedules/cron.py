"""Reads cron lines, and says when one is due next in a time zone; asks no clock.

Both days on which clocks are changed are right: a line for certain hours is due once a day, even
where its hour comes twice, and at the end of the gap where its hour is left out. A line for every
hour follows the time that really passes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

from dynschema.evolution.schedules.exceptions import InvalidScheduleError, UnknownTimeZoneError

FIELD_COUNTS = (5, 6)
"""Minute, hour, day, month, weekday; the sixth are the seconds. A seventh would be the year."""

LONGEST = 80
"""Characters of a line that can be stored."""

RANDOM_FIELD = re.compile(r"\br\b", re.IGNORECASE)
"""croniter rolls dice for it, and anew whenever it is asked."""

HOUR = 1
"""The place of the hours among the fields."""

BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Cron:
    """A cron line in a time zone.

    >>> midnight = Cron("30 0 * * *", zone_named("Asia/Tokyo"))
    >>> midnight.after(datetime(2026, 11, 20, 8, tzinfo=UTC)).isoformat()
    '2026-11-20T15:30:00+00:00'
    """

    line: str
    zone: tzinfo

    def after(self, moment: datetime) -> datetime:
        """Return the first time, in UTC, at which the line is due after a moment."""
        start = moment.astimezone(UTC).replace(microsecond=0)
        return self._by_elapsed_time(start) if self._is_hourly else self._by_wall_clock(start)

    @cached_property
    def _is_hourly(self) -> bool:
        fields, _ = _library().croniter.expand(self.line)
        return bool(fields[HOUR] == ["*"])

    def _by_wall_clock(self, start: datetime) -> datetime:
        """An hour that comes twice counts the first time: the second one is before the start."""
        wall = start + self._offset(start)
        found = start
        while found <= start:
            wall = self._next_match(wall)
            found = self._first_moment_at(wall)
        return found

    def _by_elapsed_time(self, start: datetime) -> datetime:
        """Go on with the new offset from where it changes, if it does before the line is due."""
        offset = self._offset(start)
        while True:
            found = self._next_match(start + offset) - offset
            if self._offset(found) == offset:
                return found
            change = self._change_between(start, found)
            start, offset = change - SECOND, self._offset(change)

    def _next_match(self, wall: datetime) -> datetime:
        """Clocks are read as if they were UTC, where no hour is missing."""
        found: datetime = _library().croniter(self.line, wall).get_next(datetime)
        return found

    def _first_moment_at(self, wall: datetime) -> datetime:
        """Return when the clocks show this first; or, when they never do, the end of the gap."""
        local = wall.replace(tzinfo=self.zone)
        found = local.replace(fold=0).astimezone(UTC)
        if found + self._offset(found) == wall:
            return found
        return self._change_between(local.replace(fold=1).astimezone(UTC), found)

    def _change_between(self, before: datetime, after: datetime) -> datetime:
        """Return the second at which the offset of the former ends."""
        offset = self._offset(before)
        low, high = int(before.timestamp()), int(after.timestamp())
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset(datetime.fromtimestamp(middle, UTC)) == offset:
                low = middle
            else:
                high = middle
        return datetime.fromtimestamp(high, UTC)

    def _offset(self, moment: datetime) -> timedelta:
        return moment.astimezone(self.zone).utcoffset() or timedelta()


def checked_line(line: Any) -> str:
    """Return a cron line as it was given.

    Raises:
        InvalidScheduleError: it has another number of fields, values out of range, or names a day
            that there never is.
    """
    if not isinstance(line, str):
        reason = f"it is of the type {type(line).__name__}, and no text"
    else:
        reason = _why_not_valid(line)
    if reason:
        raise InvalidScheduleError(schedule=line, reason=reason)
    return str(line)


def zone_named(name: str) -> tzinfo:
    """Return a time zone; that of the site for an empty name.

    Raises:
        UnknownTimeZoneError: there is none of that name.
    """
    try:
        return ZoneInfo(name) if name else timezone.get_default_timezone()
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimeZoneError(name=name) from error


def _why_not_valid(line: str) -> str:
    count = len(line.split())
    if count not in FIELD_COUNTS and not line.startswith("@"):
        return f"it has {count} field{'s'[: count != 1]}"
    if len(line) > LONGEST:
        return f"it has {len(line)} characters, more than {LONGEST}; ranges and steps are shorter"
    if RANDOM_FIELD.search(line):
        return "a random time would be another one whenever it is looked at"
    try:
        _library().croniter.expand(line, strict=True)
        Cron(line, UTC).after(BEFORE_ALL)
    except _library().CroniterBadDateError:
        return "there is no such day"
    except _library().CroniterError as error:
        return (
            str(error).removeprefix(f"[{line}] is not acceptable").strip(" ,.") or "it is unclear"
        )
    return ""


def _library() -> Any:
    """Load croniter when a line is read, which most processes never do."""
    import croniter  # noqa: PLC0415

    return croniter
