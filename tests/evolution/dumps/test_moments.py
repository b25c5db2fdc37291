"""Moments stay the same moments, whatever the settings of both sites say about time zones."""

from datetime import UTC, datetime

import pytest

from dynschema.evolution.dumps.script import Script

NOON_IN_BERLIN = datetime(2026, 1, 2, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("source", "use_tz", "hour", "expected"),
    [
        (True, True, 11, NOON_IN_BERLIN),
        (False, False, 12, NOON_IN_BERLIN.replace(tzinfo=None, hour=12)),
        (False, True, 12, NOON_IN_BERLIN),
        (True, False, 11, NOON_IN_BERLIN.replace(tzinfo=None, hour=12)),
    ],
)
def test_a_moment_is_carried_over(settings, source, use_tz, hour, expected):
    settings.USE_TZ, settings.TIME_ZONE = use_tz, "Europe/Berlin"
    script = Script({"__file__": "restore.py", "USE_TZ": source, "TIME_ZONE": "Europe/Berlin"})

    assert script.dt(2026, 1, 2, hour) == expected
