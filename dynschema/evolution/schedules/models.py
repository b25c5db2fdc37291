"""The stored schedule, which Sisy's users know as the task, and how one is made."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, connections, models, router
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dynschema.evolution.arguments import check_arguments
from dynschema.evolution.conf import configuration
from dynschema.evolution.exceptions import InvalidArgumentsError, UnknownWorkError
from dynschema.evolution.models import NAME_LENGTH, Run, RunQuerySet, WrittenManager
from dynschema.evolution.registry import Factory, register_kind
from dynschema.evolution.schedules.calls import KIND, factory_of, reference_of
from dynschema.evolution.schedules.cron import LONGEST, checked_line, zone_named
from dynschema.evolution.schedules.exceptions import (
    InvalidDelayError,
    InvalidTaskError,
    LabelTakenError,
    NaiveTimesError,
)
from dynschema.evolution.schedules.launches import launch_task
from dynschema.evolution.schedules.migrating import current_migration
from dynschema.evolution.schedules.planning import finished, first_moment, plan_of
from dynschema.evolution.schedules.targets import Info, describe
from dynschema.locking import begun
from dynschema.models import KNOWS_JSON

logger = logging.getLogger(__name__)

PLANNED = {"enabled", "next_run", "planned_as", "finished_at"}
"""The columns that `plan` may change."""


class Iterations(TypedDict, total=False):
    """How `Task.run_iterations` runs a callable."""

    schedule: str
    userdata: dict[str, Any] | None
    run_immediately: bool
    delay_until: datetime | None


class Task(models.Model):
    """When to make runs of what: a schedule."""

    label = models.CharField(max_length=NAME_LENGTH, unique=True)
    schedule = models.CharField(
        max_length=LONGEST, help_text=_("A cron line; the seconds come last.")
    )
    timezone = models.CharField(
        max_length=60, blank=True, help_text=_("As Europe/Berlin; empty: that of the site.")
    )
    funcinfo = models.JSONField(default=dict, editable=False, help_text=_("What is called."))
    userdata = models.JSONField(default=dict, blank=True, help_text=_("What it is called with."))
    enabled = models.BooleanField(default=True)
    wait_for_schedule = models.BooleanField(
        default=True, help_text=_("Otherwise it runs once as soon as it may.")
    )
    iterations = models.PositiveIntegerField(
        default=0, help_text=_("It ends after so many runs; 0: never.")
    )
    allow_overlap = models.BooleanField(
        default=False, help_text=_("It may run while its last run has not ended.")
    )
    start_running = models.DateTimeField(null=True, blank=True, help_text=_("Never before."))
    end_running = models.DateTimeField(null=True, blank=True, help_text=_("Never after."))
    delete_when_done = models.BooleanField(
        default=False, help_text=_("It is deleted when it has finished without an error.")
    )
    run_count = models.PositiveIntegerField(default=0, editable=False)
    last_run = models.DateTimeField(null=True, editable=False)
    next_run = models.DateTimeField(null=True, editable=False, db_index=True)
    planned_as = models.CharField(
        max_length=NAME_LENGTH, blank=True, editable=False, help_text=_("Gave the next run.")
    )
    finished_at = models.DateTimeField(null=True, editable=False)
    last_error = models.TextField(
        blank=True, editable=False, help_text=_("Why no run could be made when one was due.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)

    objects = WrittenManager()

    class Meta:
        required_db_features = KNOWS_JSON
        ordering = ["label"]
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")

    def __str__(self) -> str:
        return self.label

    @property
    def runs(self) -> RunQuerySet:
        """Its runs, the latest first."""
        return Run.objects.using(self._state.db).of(reference_of(self))

    @property
    def running(self) -> bool:
        """Whether a run of it has not ended."""
        return self.runs.active().exists()

    def plan(self, now: datetime) -> None:
        """Find out when it is due next, if anything has changed that this depends on.

        Raises:
            InvalidScheduleError: the cron line cannot be read.
            InvalidTaskError: its label or its iterations cannot be stored.
            NaiveTimesError: the site stores times without a time zone.
            UnknownTimeZoneError: there is no such time zone.
        """
        if not settings.USE_TZ:
            raise NaiveTimesError(label=self.label)
        reason = self._why_not_storable()
        if reason:
            raise InvalidTaskError(label=self.label, reason=reason)
        checked_line(self.schedule)
        zone_named(self.timezone)
        wanted = plan_of(self)
        if wanted == self.planned_as:
            return
        self.planned_as, self.next_run = wanted, None
        if self.enabled:
            self.next_run, self.finished_at = first_moment(self, now), None
            if self.next_run is None:
                self._change(finished(now))

    def check_call(self) -> None:
        """Refuse what could not be called.

        Raises:
            InvalidArgumentsError: the user data are not JSON, or do not fit.
            UnknownWorkError: what is to be called is not there.
        """
        if not isinstance(self.userdata, dict):
            reason = f"the user data are {self.userdata!r}, and not a dict"
            raise InvalidArgumentsError(name=self.label, reason=reason)
        check_arguments(self.label, factory_of(self), self.userdata)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save it with the moment at which it is due next.

        A migration that is run for another database, too, saves nothing there: schedules are
        stored once.

        Raises:
            BusyError: SQLite was being written to for too long.
            InvalidScheduleError: the cron line cannot be read.
            InvalidTaskError: its label or its iterations cannot be stored.
            LabelTakenError: another one has its label.
            UnknownTimeZoneError: there is no such time zone.
        """
        self.plan(timezone.now())
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = PLANNED | set(kwargs["update_fields"])
        using = kwargs.get("using") or router.db_for_write(Task, instance=self)
        migration = current_migration()
        if migration is not None and migration.is_elsewhere(using):
            logger.info("A migration of %s schedules %s nowhere.", migration.using, self.label)
            return
        try:
            with begun(using):
                super().save(*args, **kwargs)
        except IntegrityError as error:
            others = Task.objects.using(using).filter(label=self.label).exclude(pk=self.pk)
            if others.exists():
                raise LabelTakenError(label=self.label) from error
            raise

    def refresh_from_db(self, using: str | None = None, *rest: Any, **how: Any) -> None:
        """Read it again where it is written."""
        super().refresh_from_db(using or router.db_for_write(Task, instance=self), *rest, **how)

    def run_asap(self, triggered_by: str = "") -> Run:
        """Run it now, beside its schedule.

        Returns:
            The run.

        Raises:
            AlreadyActiveError: its last run has not ended, and overlap is not allowed.
            InvalidArgumentsError: the user data do not fit what is to be called.
            UnknownWorkError: what is to be called is not there.
        """
        run = None
        while run is None:
            self.refresh_from_db()
            run = launch_task(self, timezone.now(), triggered_by=triggered_by)
        self.refresh_from_db()
        return run

    @classmethod
    def run_iterations(
        cls,
        the_callable: Any,
        iterations: int = 1,
        label: str | None = None,
        **how: Unpack[Iterations],
    ) -> Task:
        """Run a callable so many times, then forget its schedule.

        Args:
            the_callable: as for `task_with_callable`.
            iterations: how often.
            label: by default the path of the callable and something unique.
            how: `schedule`, by default every second; `userdata`; `run_immediately`, for the first
                time at the next heartbeat; `delay_until`, not before that moment.

        Raises:
            InvalidDelayError: `delay_until` is no aware datetime to come.
        """
        line = how.pop("schedule", "* * * * * *")
        task = task_with_callable(the_callable, label, line, how.pop("userdata", None))
        task.label = label or f"{task.label[:200]} {uuid4()}"
        task.iterations, task.delete_when_done = iterations, True
        task.start_running = _checked_delay(how.pop("delay_until", None))
        task.wait_for_schedule = not how.pop("run_immediately", False)
        if how:
            raise TypeError(f"run_iterations() got an unexpected keyword argument {min(how)!r}")
        task.save()
        return task

    @classmethod
    def run_once(
        cls,
        the_callable: Any,
        userdata: dict[str, Any] | None = None,
        delay_until: datetime | None = None,
    ) -> Task:
        """Run a callable once, at the next heartbeat.

        Raises:
            InvalidDelayError: `delay_until` is no aware datetime to come.
        """
        return cls.run_iterations(
            the_callable, userdata=userdata, run_immediately=True, delay_until=delay_until
        )

    def _why_not_storable(self) -> str:
        """Not every database says so itself: SQLite stores a label of any length."""
        label: Any = self.label
        iterations: Any = self.iterations
        if not isinstance(label, str):
            return f"its label is {label!r}, and no text"
        if len(label) > NAME_LENGTH:
            return f"its label has {len(label)} characters, more than {NAME_LENGTH}"
        if not isinstance(iterations, int) or iterations < 0:
            return f"iterations is {iterations!r}, and no whole number from 0 on"
        return ""

    def _change(self, changes: dict[str, Any]) -> None:
        for name, value in changes.items():
            setattr(self, name, value)

    def _do_insert(
        self, manager: Any, using: str, fields: list[models.Field], *rest: Any
    ) -> list[Any]:
        """Leave out columns that a later migration of ours adds, within a migration before it."""
        connection = connections[using]
        with connection.cursor() as cursor:
            table = connection.introspection.get_table_description(cursor, self._meta.db_table)
        columns = {each.name for each in table}
        there = [field for field in fields if field.column in columns]
        inserted: list[Any] = super()._do_insert(manager, using, there, *rest)  # type: ignore[misc]
        return inserted


def task_with_callable(
    the_callable: Any,
    label: str | None = None,
    schedule: str | None = None,
    userdata: dict[str, Any] | None = None,
    pk_override: Any = None,
) -> Task:
    """Make a schedule; it is not active before it is saved.

    Args:
        the_callable: a function, a method, a registered work, or the dotted path of one.
        label: its lasting name; by default the dotted path.
        schedule: a cron line, in the time zone of the site; by default every minute.
        userdata: JSON that the callable is given.
        pk_override: the primary key of the instance whose method is called, in a migration.

    Raises:
        InvalidArgumentsError: the user data are not JSON, or do not fit the callable.
        InvalidCallableError: no other process could find it, or call it.
        InvalidScheduleError: the cron line cannot be read.
    """
    info = describe(the_callable, pk_override)
    task = Task(
        label=label or info["func_path"],
        schedule=checked_line(configuration().default_schedule if schedule is None else schedule),
        funcinfo=info,
        userdata={} if userdata is None else userdata,
    )
    task.check_call()
    return task


def taskinfo_with_label(label: str) -> Info:
    """Return what the schedule with a label calls, as a dict.

    Its keys are `func_type`, `module_name`, `func_name`, `func_path`; of a method also
    `class_name` and `class_path`; of an instance method also `model_pk`.

    Raises:
        Task.DoesNotExist: there is none.
    """
    # No other column, since a migration may run before those of later versions are there.
    info = Task.objects.filter(label=label).values_list("funcinfo", flat=True).first()
    if info is None:
        raise Task.DoesNotExist(f'There is no schedule labelled "{label}".')
    return dict(info)


def _checked_delay(moment: Any) -> datetime | None:
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        raise InvalidDelayError(reason=f"at {moment!r}, which is no datetime.datetime instance")
    if timezone.is_naive(moment):
        raise InvalidDelayError(reason=f"at {moment}, which has no time zone")
    if moment <= timezone.now():
        raise InvalidDelayError(reason=f"in the past, at {moment}")
    return moment


def _find(label: str) -> Factory:
    task = Task.objects.filter(label=label).first()
    if task is None:
        raise UnknownWorkError(kind=KIND, name=label, reason="its schedule was deleted")
    return factory_of(task)


register_kind(KIND, _find)
