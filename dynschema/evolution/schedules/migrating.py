"""Tells whether a call comes from a migration of a database where schedules are not stored.

Such a migration runs once for each database, and what it schedules belongs to one of them. Django
tells the code of a migration which database it is at, but not those whom that code calls.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import FrameType

from django.db import router
from django.db.migrations import Migration

from dynschema.evolution import scratches

CODES = (Migration.apply.__code__, Migration.unapply.__code__)


@dataclass(frozen=True)
class Migrating:
    """A migration that is being applied, or reversed."""

    using: str
    """The alias of the database."""
    app_label: str

    def is_elsewhere(self, home: str) -> bool:
        """Tell whether schedules, which are at home, are none of its business.

        An app that has its tables in another database only migrates nowhere else, and schedules
        from there; but never when it is only tried out.
        """
        if self.using == home:
            return False
        return scratches.is_scratch(self.using) or router.allow_migrate(home, self.app_label)


def current_migration() -> Migrating | None:
    """Return the migration that led here; None where none did."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code not in CODES:
        frame = frame.f_back
    if frame is None:
        return None
    editor, migration = frame.f_locals["schema_editor"], frame.f_locals["self"]
    return Migrating(editor.connection.alias, migration.app_label)
