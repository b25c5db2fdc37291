"""The migration operation that stores a schedule, and deletes it when it is reversed."""

from __future__ import annotations

from typing import Any

from django.db import router
from django.db.migrations.operations.base import Operation
from django.utils import timezone

from dynschema.evolution.schedules.exceptions import MissingDependencyError
from dynschema.evolution.schedules.models import Task, task_with_callable

APP = "dynschema_evolution"
MIGRATION = "0002_task"
"""Makes the table of schedules."""

TOLD = ("schedule", "funcinfo", "userdata", "enabled", "next_run", "planned_as", "finished_at")
"""The columns that the operation decides on."""


class ScheduleTask(Operation):
    """Stores a schedule; one of the same label is brought to what is said here.

    Args:
        callable: as for `task_with_callable`.
        label: its lasting name.
        schedule: a cron line, in the time zone of the site.
        userdata: JSON that the callable is given.
        pk_override: the primary key of the instance whose method is called.
    """

    reversible = True
    reduces_to_sql = False

    def __init__(
        self,
        callable: Any,
        label: str,
        schedule: str | None = None,
        userdata: dict[str, Any] | None = None,
        pk_override: Any = None,
    ) -> None:
        self.callable = callable
        self.label = label
        self.schedule = schedule
        self.userdata = userdata
        self.pk_override = pk_override

    def state_forwards(self, app_label: str, state: Any) -> None:
        """No table changes."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Store it."""
        if not _is_home(schema_editor):
            return
        task = task_with_callable(
            self.callable, self.label, self.schedule, self.userdata, self.pk_override
        )
        task.plan(timezone.now())
        rows = self._rows(schema_editor, from_state)
        there = {each.name for each in rows.model._meta.fields}
        told = {name: getattr(task, name) for name in TOLD if name in there}
        rows.update_or_create(label=self.label, defaults=told)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Delete it; its runs stay."""
        if _is_home(schema_editor):
            self._rows(schema_editor, from_state).filter(label=self.label).delete()

    def describe(self) -> str:
        """Say it, for `migrate --plan`."""
        return f"Schedule {self.label}"

    @property
    def migration_name_fragment(self) -> str:
        """The word for it in the name of a migration."""
        return "schedule"

    def _rows(self, schema_editor: Any, state: Any) -> Any:
        """The rows as they are at this migration, whatever later versions add."""
        try:
            model = state.apps.get_model(APP, Task.__name__)
        except LookupError as error:
            raise MissingDependencyError(label=self.label, migration=MIGRATION) from error
        return model.objects.using(schema_editor.connection.alias)


def _is_home(schema_editor: Any) -> bool:
    """Tell whether schedules are stored in the database that is migrated."""
    return bool(schema_editor.connection.alias == router.db_for_write(Task))
