"""A cron line is due when the clocks on the wall say so, on both days of their change as well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynschema.evolution.schedules.cron import Cron, checked_line, zone_named
from dynschema.evolution.schedules.exceptions import InvalidScheduleError, UnknownTimeZoneError

# No database is asked.
pytestmark = pytest.mark.only("sqlite")

MINUTE = timedelta(minutes=1)
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
YEAR_MINUTES = 365 * 24 * 60

CHANGES = {
    "Europe/Berlin": ["2026-03-29T01:00Z", "2026-10-25T01:00Z"],
    "America/New_York": ["2026-03-08T07:00Z", "2026-11-01T06:00Z"],
    "Australia/Lord_Howe": ["2026-04-04T15:00Z", "2026-10-03T15:30Z"],
    "Asia/Tokyo": ["2026-06-01T00:00Z", "2026-12-01T00:00Z"],
}
"""Lord Howe moves by half an hour; Tokyo never does."""


# What the tests compare with: it looks at every single minute.


@dataclass(frozen=True)
class Line:
    minutes: frozenset[int]
    hours: frozenset[int] | None
    days: frozenset[int] | None = None
    weekdays: frozenset[int] | None = None

    def __str__(self):
        fields = [self.minutes, self.hours, self.days, None, self.weekdays]
        return " ".join("*" if f is None else ",".join(map(str, sorted(f))) for f in fields)

    def matches(self, wall):
        hour_fits = self.hours is None or wall.hour in self.hours
        return wall.minute in self.minutes and hour_fits and self.day_fits(wall)

    def day_fits(self, wall):
        fits = [
            value in wanted
            for wanted, value in [(self.days, wall.day), (self.weekdays, wall.isoweekday() % 7)]
            if wanted is not None
        ]
        return any(fits) if fits else True


def walls(zone, start, minutes):
    """Give every minute with what the clocks show."""
    for number in range(minutes):
        moment = start + number * MINUTE
        yield moment, moment.astimezone(zone).replace(tzinfo=None)


def due_minutes(line, zone, start, minutes):
    latest = (start - MINUTE).astimezone(zone).replace(tzinfo=None)
    for moment, wall in walls(zone, start, minutes):
        is_repeated = wall <= latest
        left_out = [latest + n * MINUTE for n in range(1, (wall - latest) // MINUTE)]
        latest = max(latest, wall)
        if line.hours is None:
            is_due = line.matches(wall)
        else:
            seen = [*left_out, *([] if is_repeated else [wall])]
            is_due = any(map(line.matches, seen))
        if is_due:
            yield moment


def all_after(cron, start, end):
    found = cron.after(start)
    while found < end:
        yield found
        found = cron.after(found)


def some(largest, most):
    return st.frozensets(st.integers(0, largest), min_size=1, max_size=most)


LINES = st.builds(
    Line,
    some(59, 4) | st.just(frozenset(range(0, 60, 15))) | st.just(frozenset(range(60))),
    st.none() | some(23, 3) | st.frozensets(st.integers(0, 4), min_size=1),
    st.none() | st.frozensets(st.integers(1, 31), min_size=1, max_size=4),
    st.none() | some(6, 3),
)


@settings(max_examples=40, deadline=None)
@given(LINES, st.sampled_from(sorted(CHANGES)), st.integers(0, 1))
def test_every_minute_around_a_change_of_the_clocks_is_right(line, name, which):
    zone, change = zone_named(name), datetime.fromisoformat(CHANGES[name][which])
    start, end = change - timedelta(hours=26), change + timedelta(hours=26)
    cron = Cron(str(line), zone)

    found = list(all_after(cron, start - MINUTE, end))

    assert found == list(due_minutes(line, zone, start, (end - start) // MINUTE))


@settings(max_examples=60, deadline=None)
@given(LINES, st.sampled_from(sorted(CHANGES)), st.integers(0, 1), st.data())
def test_from_any_second_it_is_the_first_one_that_is_due(line, name, which, data):
    zone, change = zone_named(name), datetime.fromisoformat(CHANGES[name][which])
    seconds = data.draw(st.floats(-90_000, 90_000))
    start = change + timedelta(seconds=seconds)

    found = Cron(str(line), zone).after(start)

    floor = start.replace(second=0, microsecond=0)
    expected = due_minutes(line, zone, floor, (found - floor) // MINUTE + 1)
    assert [each for each in expected if each > start] == [found]


@pytest.mark.slow
@pytest.mark.once
@settings(max_examples=3, deadline=None)
@given(st.builds(Line, some(59, 1), some(23, 2)), st.sampled_from(sorted(CHANGES)))
def test_every_minute_of_a_year_is_right(line, name):
    zone, end = zone_named(name), YEAR + YEAR_MINUTES * MINUTE

    found = list(all_after(Cron(str(line), zone), YEAR - MINUTE, end))

    assert found == list(due_minutes(line, zone, YEAR, YEAR_MINUTES))


# The same as a person would say it


@pytest.mark.parametrize(
    ("line", "start", "expected"),
    [
        ("30 2 * * *", "2026-03-28T12:00", ["29 03:00+0200", "30 02:30+0200"]),
        ("30 2 * * *", "2026-10-24T12:00", ["25 02:30+0200", "26 02:30+0100"]),
        ("30 2,3 * * *", "2026-03-28T12:00", ["29 03:00+0200", "29 03:30+0200"]),
        ("30 * * * *", "2026-03-29T00:45", ["29 03:30+0200", "29 04:30+0200"]),
        ("30 * * * *", "2026-10-25T00:15", ["25 02:30+0200", "25 02:30+0100"]),
        ("0 0-23 * * *", "2026-10-24T23:30", ["25 02:00+0200", "25 02:00+0100"]),
        ("0 */6 * * *", "2026-10-24T22:30", ["25 06:00+0100", "25 12:00+0100"]),
    ],
)
def test_the_days_of_the_change_in_berlin(line, start, expected):
    zone, moment = zone_named("Europe/Berlin"), datetime.fromisoformat(f"{start}Z")
    cron = Cron(line, zone)

    first = cron.after(moment)
    second = cron.after(first)

    assert [f"{each.astimezone(zone):%d %H:%M%z}" for each in (first, second)] == expected


def test_a_day_has_one_run_whatever_its_length():
    zone = zone_named("America/New_York")
    cron = Cron("30 2 * * *", zone)

    found = list(all_after(cron, YEAR, YEAR + timedelta(days=366)))

    days = [each.astimezone(zone).date() for each in found]
    assert len(days) >= 365
    assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=1)}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("* * * * * */30", "2026-11-20T08:00:30+00:00"),
        ("0 0 l * *", "2026-11-30T00:00:00+00:00"),
        ("0 0 29 2 *", "2028-02-29T00:00:00+00:00"),
        ("0 12 * * 7", "2026-11-22T12:00:00+00:00"),
        ("0 12 * * 0", "2026-11-22T12:00:00+00:00"),
        ("0 12 * * mon-wed", "2026-11-23T12:00:00+00:00"),
        ("0 12 * * sat#1", "2026-12-05T12:00:00+00:00"),
        ("@daily", "2026-11-21T00:00:00+00:00"),
    ],
)
def test_what_sisy_reads_is_read(line, expected):
    moment = datetime(2026, 11, 20, 8, tzinfo=UTC)

    assert Cron(checked_line(line), UTC).after(moment).isoformat() == expected


def test_the_zone_of_the_site_is_meant_by_an_empty_name(settings):
    settings.TIME_ZONE = "Asia/Tokyo"

    found = Cron("30 0 * * *", zone_named("")).after(datetime(2026, 11, 20, 8, tzinfo=UTC))

    assert found == datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "it has 0 fields"),
        ("5", "it has 1 field"),
        ("* * * * * * 2030", "it has 7 fields"),
        ("60 * * * *", "out of range"),
        ("0 0 31 2 *", "Day(s) [31] can never occur in month(s) [2]"),
        ("0 0 30,31 2 *", "Day(s) [30, 31] can never occur in month(s) [2]"),
        ("R R * * *", "a random time would be another one whenever it is looked at"),
        ("H H * * *", "Hashed definitions must include hash_id"),
        ("x x x x x", "it is unclear"),
        (
            f"{','.join(map(str, range(0, 60, 2)))} * * * *",
            "it has 92 characters, more than 80; ranges and steps are shorter",
        ),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(line, reason):
    with pytest.raises(InvalidScheduleError) as refused:
        checked_line(line)

    assert isinstance(refused.value, ValueError)
    assert str(refused.value) == (
        f'[dynschema.E560] The schedule "{line}" is not valid: {reason}. Give five fields (minute, '
        "hour, day, month, weekday), or six with the seconds last, as "
        '"30 0 * * *" for half past midnight.'
    )


@pytest.mark.parametrize("name", ["Europe/Atlantis", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(name):
    with pytest.raises(UnknownTimeZoneError) as refused:
        zone_named(name)

    assert str(refused.value) == (
        f'[dynschema.E561] There is no time zone "{name}". '
        'Name one as "Europe/Berlin"; leave it empty for that of the site.'
    )
