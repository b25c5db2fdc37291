"""The fixtures that mass migrations are tested with."""

from tests.evolution.massmigrations.conftest import archive, waiting

__all__ = ["archive", "waiting"]
