"""Ways to the same table: raw SQL, the bare Django steps, and dynschema."""

from benchmarks.ways.bare import Bare
from benchmarks.ways.dynamic import Dynamic
from benchmarks.ways.raw import Raw
from benchmarks.ways.reading import Reading
from benchmarks.ways.way import Way

WAYS: tuple[type[Way], ...] = (Raw, Bare, Reading, Dynamic)

__all__ = ["WAYS", "Bare", "Dynamic", "Raw", "Reading", "Way"]
