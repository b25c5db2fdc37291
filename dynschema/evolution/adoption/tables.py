"""The tables of the other packages, in a registry of their own: no migration of ours sees them."""

from __future__ import annotations

from typing import Any

from django.apps.registry import Apps
from django.db import connections, models


class Foreign(models.Model):
    """A table that another package has made."""

    class Meta:
        abstract = True
        managed = False
        app_label = "adoption"
        apps = Apps()

    def __str__(self) -> str:
        return str(self.pk)


class SisyTask(Foreign):
    """A task of Sisy 1.0."""

    label = models.CharField(max_length=255)
    schedule = models.CharField(max_length=80)
    last_run = models.DateTimeField(null=True)
    next_run = models.DateTimeField(null=True)
    enabled = models.BooleanField()
    func_info = models.TextField(db_column="_func_info")
    extra_data = models.TextField(db_column="_extra_data", null=True)  # noqa: DJ001 - somebody may
    wait_for_schedule = models.BooleanField()
    iterations = models.IntegerField()
    allow_overlap = models.BooleanField()
    start_running = models.DateTimeField()
    end_running = models.DateTimeField()

    class Meta(Foreign.Meta):
        abstract = False
        db_table = "sisy_task"


class MigrationRecord(Foreign):
    """A record of django-mass-migration 0.3."""

    key = models.CharField(max_length=250, primary_key=True)
    attempt_uuid = models.UUIDField()
    initiated_at = models.DateTimeField()
    is_applied = models.BooleanField()
    applied_at = models.DateTimeField(null=True)
    has_error = models.BooleanField()
    last_error = models.TextField()
    was_faked = models.BooleanField()

    class Meta(Foreign.Meta):
        abstract = False
        db_table = "massmigration_migrationrecord"


class PostDeployLog(Foreign):
    """A record of django-post-deploy 2."""

    uuid = models.UUIDField(primary_key=True)
    import_name = models.CharField(max_length=255)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    has_error = models.BooleanField()
    message = models.TextField(null=True)  # noqa: DJ001 - as it is there

    class Meta(Foreign.Meta):
        abstract = False
        db_table = "post_deploy_postdeploylog"


def rows_of(model: type[Foreign], using: str) -> list[Any]:
    """Return all rows in the order of their keys; none where there is no such table."""
    if model._meta.db_table not in connections[using].introspection.table_names():
        return []
    return list(models.QuerySet(model, using=using).order_by("pk"))
