"""The stored records: the runs, and the items that failed in them."""

from __future__ import annotations

import json
import uuid
from hashlib import sha256
from typing import Any, TypeVar

from django.db import models, router
from django.utils.translation import gettext_lazy as _

from dynschema.evolution.delivery import Delivery
from dynschema.evolution.registry import Reference
from dynschema.evolution.statuses import DONE, ENDED, Status, allowed_actions
from dynschema.models import KNOWS_JSON

NAME_LENGTH = 255

Row = TypeVar("Row", bound=models.Model)


class WrittenManager(models.Manager[Row]):
    """Reads rows where they are written: a replica may not have them yet."""

    def get_queryset(self) -> models.QuerySet[Row]:
        """Choose the database that a router names for writing."""
        return super().get_queryset().using(self._db or router.db_for_write(self.model))


class RunQuerySet(models.QuerySet["Run"]):
    """The questions that are asked of runs."""

    def of(self, reference: Reference) -> RunQuerySet:
        """Keep the runs of a work, the latest first."""
        return self.filter(kind=reference.kind, name=reference.name).order_by("-created_at")

    def done(self) -> RunQuerySet:
        """Keep those after which the work counts as done: no failed item, no dry run."""
        return self.filter(status__in=DONE, failed_count=0, dry_run=False)

    def active(self) -> RunQuerySet:
        """Keep those that have not ended."""
        return self.exclude(status__in=ENDED)


class Run(models.Model):
    """A stored execution of a work, in the database that the work changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=30, help_text=_("The door: work, action, migration, task."))
    name = models.CharField(max_length=NAME_LENGTH, help_text=_("The lasting name of the work."))
    database = models.CharField(max_length=100, help_text=_("Alias of the database."))
    context = models.JSONField(default=dict, help_text=_("Such as the tenant."))
    arguments = models.JSONField(default=dict)
    status = models.CharField(max_length=11, choices=Status.choices, default=Status.ENQUEUED)
    # Null, since many rows may be without one in a unique column.
    active_key = models.CharField(  # noqa: DJ001
        max_length=64, null=True, unique=True, help_text=_("Of the work while it must run once.")
    )
    occasion = models.CharField(  # noqa: DJ001
        max_length=NAME_LENGTH, null=True, unique=True, help_text=_("Has one run, for all time.")
    )
    overlap = models.BooleanField(default=False, help_text=_("Others may run beside it."))
    dry_run = models.BooleanField(default=False, help_text=_("Every batch is undone."))
    on_error = models.CharField(max_length=4, default="stop", help_text=_("stop or skip"))
    batch_size = models.PositiveIntegerField(default=0, help_text=_("Of the next batch."))
    cursor = models.JSONField(default=list, help_text=_("Position of the last processed item."))
    end = models.JSONField(null=True, help_text=_("Position at which it stops; null: not begun."))
    total_count = models.PositiveBigIntegerField(null=True, help_text=_("Null: unknown."))
    done_count = models.PositiveBigIntegerField(default=0)
    failed_count = models.PositiveBigIntegerField(default=0)
    seconds_running = models.FloatField(default=0.0, help_text=_("Within batches."))
    generation = models.PositiveIntegerField(default=0, help_text=_("Fences lost workers off."))
    attempts = models.PositiveIntegerField(default=0, help_text=_("In vain, in a row."))
    next_attempt_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(help_text=_("The last sign of life."))
    engine = models.CharField(max_length=100)
    engine_id = models.CharField(max_length=NAME_LENGTH, blank=True)
    triggered_by = models.CharField(max_length=NAME_LENGTH, blank=True)
    message = models.TextField(blank=True)
    error_class = models.CharField(max_length=NAME_LENGTH, blank=True)
    error_message = models.TextField(blank=True)
    traceback = models.TextField(blank=True)
    errored_item = models.CharField(max_length=NAME_LENGTH, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = WrittenManager.from_queryset(RunQuerySet)()

    class Meta:
        required_db_features = KNOWS_JSON
        ordering = ["-created_at"]
        get_latest_by = "created_at"
        indexes = [
            models.Index(fields=["kind", "name", "-created_at"], name="dynschema_run_work"),
            models.Index(fields=["status", "heartbeat_at"], name="dynschema_run_heartbeat"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"

    def refresh_from_db(self, using: str | None = None, *rest: Any, **how: Any) -> None:
        """Read it again where it is written."""
        super().refresh_from_db(using or self.database, *rest, **how)

    @property
    def reference(self) -> Reference:
        """The work, as this row names it."""
        return Reference(self.kind, self.name)

    @property
    def is_done(self) -> bool:
        """Whether the work counts as done after it: no failed item, no dry run."""
        return self.status in DONE and not self.failed_count and not self.dry_run

    @property
    def has_ended(self) -> bool:
        """Whether nobody works on it any more."""
        return self.status in ENDED

    @property
    def allowed_actions(self) -> list[str]:
        """What may be done with it now: pause, resume, cancel."""
        return allowed_actions(self.status)

    def failures_to_retry(self) -> models.QuerySet[RunFailure]:
        """Return the items that wait for being tried again."""
        return self.failures.using(self.database).filter(to_retry=True)

    def delivery(self, delay_seconds: float = 0.0) -> Delivery:
        """Return the order for its next slice."""
        return Delivery(self.pk, self.generation, self.database, self.context, delay_seconds)

    def key_while_active(self) -> str | None:
        """Return what no two active runs may share."""
        if self.overlap:
            return None
        parts = json.dumps([self.kind, self.name, self.database, self.context], sort_keys=True)
        return sha256(parts.encode()).hexdigest()


class RunFailure(models.Model):
    """An item that failed and was skipped."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="failures")
    position = models.JSONField(help_text=_("Of the item: its primary key, or place in the list."))
    item = models.CharField(max_length=NAME_LENGTH, help_text=_("In words."))
    error_class = models.CharField(max_length=NAME_LENGTH)
    error_message = models.TextField()
    traceback = models.TextField()
    failed_at = models.DateTimeField()
    to_retry = models.BooleanField(default=False, help_text=_("The run was resumed."))

    class Meta:
        required_db_features = KNOWS_JSON
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.item}: {self.error_class}: {self.error_message}"


def describe_item(item: Any) -> str:
    """Say which item it is, in a column's width."""
    if isinstance(item, models.Model):
        return f"{item._meta.label} {item.pk}"[:NAME_LENGTH]
    try:
        return repr(item)[:NAME_LENGTH]
    except Exception as error:  # It must not hide the error that the item is named for.
        return f"a {type(item).__name__} that cannot be shown ({error!r})"[:NAME_LENGTH]
