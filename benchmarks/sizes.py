"""How often each thing is measured, and with how many models."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Repetitions by subject, and numbers of dynamic models."""

    fields: int
    surveys: int
    growth: int
    classes: int
    records: int
    runs: int
    processes: int
    models: tuple[int, ...]
    """The first number is what the growth to the others is measured from."""
    rows: tuple[int, int]
    """How many a mapper goes over: in bulk, and one by one."""
    dumped: int
    """How many rows a dump has whose time is measured."""
    remembered: int
    """The same, where its memory is measured."""


USUAL = Sizes(
    fields=100,
    surveys=60,
    growth=30,
    classes=300,
    records=200,
    runs=5,
    processes=7,
    models=(10, 1_000),
    rows=(100_000, 1_000),
    dumped=20_000,
    remembered=20_000,
)
FULL = Sizes(
    fields=300,
    surveys=150,
    growth=60,
    classes=500,
    records=500,
    runs=15,
    processes=15,
    models=(10, 1_000, 5_000),
    rows=(200_000, 4_000),
    dumped=100_000,
    remembered=1_000_000,
)
TINY = Sizes(
    fields=2,
    surveys=2,
    growth=2,
    classes=2,
    records=2,
    runs=2,
    processes=1,
    models=(2, 4),
    rows=(40, 20),
    dumped=40,
    remembered=40,
)
