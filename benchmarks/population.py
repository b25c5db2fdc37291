"""Fills the database with surveys, so that this process has as many dynamic models."""

import dynschema
from benchmarks.app.models import Responses, Survey
from benchmarks.ways import Dynamic

BLOCK = 50


def grow_to(number: int) -> None:
    """Make surveys of ten questions until there are so many; BLOCK at a time."""
    missing = number - Survey.objects.count()
    for start in range(0, missing, BLOCK):
        with dynschema.atomic():
            for _ in range(min(BLOCK, missing - start)):
                Dynamic().prepare()
    assert len(Responses.models()) >= number
