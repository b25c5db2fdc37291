"""The stored records: the epoch, the tables, their fields by key, and the changes made."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

KNOWS_JSON = ["supports_json_field"]
"""Every database does that we support; without a word, Django 6.1 asks it with each `check`."""


class State(models.TextChoices):
    """Whether a table or a field is in use."""

    LIVE = "live", _("live")
    RETIRED = "retired", _("retired")


class Epoch(models.Model):
    """The one row that moves, in the same transaction, whenever any dynamic table moves."""

    number = models.PositiveBigIntegerField(default=0)
    fingerprint = models.CharField(
        max_length=32, help_text=_("Random: a number alone repeats after a rollback.")
    )

    def __str__(self) -> str:
        return f"{self.number} ({self.fingerprint})"


class DynamicTables(models.Manager):
    """Leaves out the tables of apps, which nobody here may ever drop, list or dump as ours."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """Return the tables that a blueprint describes."""
        return super().get_queryset().exclude(blueprint="")


class Table(models.Model):
    """One dynamic table, from the day a definition asked for it.

    Without a blueprint it is a **host**: the table of an app, in which only the fields recorded
    here are ours. `Table.objects` leaves hosts out.
    """

    blueprint = models.CharField(max_length=200, help_text=_("Label, as surveymaker.Responses."))
    definition = models.CharField(max_length=200, help_text=_("Primary key of the definition."))
    key = models.CharField(max_length=200, unique=True, help_text=_("Lasting identity: survey:3."))
    name = models.CharField(max_length=63, unique=True, help_text=_("In the database, now."))
    model_name = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State.choices, default=State.LIVE)
    wanted = models.JSONField(null=True, help_text=_("The table as last wanted."))
    actual = models.JSONField(null=True, help_text=_("The same as the catalog showed it then."))
    class_print = models.CharField(max_length=32, help_text=_("Digest of the model's options."))
    catalog_print = models.CharField(
        max_length=32, blank=True, help_text=_("Of the table when nothing differed; empty: unsure.")
    )
    epoch = models.PositiveBigIntegerField(db_index=True, help_text=_("Of the last change."))

    objects = DynamicTables()

    class Meta:
        required_db_features = KNOWS_JSON

    def __str__(self) -> str:
        return self.name


class TableName(models.Model):
    """A name that a dynamic table has or had; it is never given to another one."""

    name = models.CharField(max_length=63, unique=True, help_text=_("In lower case."))
    table = models.ForeignKey(Table, models.CASCADE, related_name="names")

    def __str__(self) -> str:
        return self.name


class Field(models.Model):
    """One column of a dynamic table, from the day a definition asked for it."""

    table = models.ForeignKey(Table, models.CASCADE, related_name="fields")
    key = models.CharField(max_length=200, db_index=True, help_text=_("As question:17."))
    name = models.CharField(max_length=63, help_text=_("The field's name in the model."))
    column = models.CharField(max_length=63, help_text=_("The column's name, now."))
    former_columns = models.JSONField(default=list, help_text=_("Never given to another field."))
    state = models.CharField(max_length=10, choices=State.choices, default=State.LIVE)
    meaning = models.CharField(  # noqa: DJ001 - an empty one says that the type tells all
        max_length=10,
        null=True,
        blank=True,
        help_text=_("What the type does not tell of the values."),
    )

    class Meta:
        required_db_features = KNOWS_JSON
        constraints = [
            models.UniqueConstraint(fields=["table", "key"], name="dynschema_field_key"),
            models.UniqueConstraint(fields=["table", "column"], name="dynschema_field_column"),
        ]

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


class Change(models.Model):
    """What was done to a table: who, when, from which definition, which SQL, how long."""

    table = models.ForeignKey(Table, models.CASCADE, related_name="changes")
    epoch = models.PositiveBigIntegerField(db_index=True)
    fingerprint = models.CharField(max_length=32, help_text=_("Of the epoch."))
    made_at = models.DateTimeField()
    actor = models.CharField(max_length=200, blank=True)
    definition = models.CharField(max_length=200, blank=True, help_text=_("In words."))
    operations = models.JSONField(default=list)
    reverse = models.JSONField(default=list)
    hazards = models.JSONField(default=list)
    sql = models.TextField(blank=True)
    duration_ms = models.FloatField(help_text=_("From the plan to the verified table."))

    class Meta:
        required_db_features = KNOWS_JSON
        ordering = ["-epoch", "-id"]
        get_latest_by = "epoch"

    def __str__(self) -> str:
        return f"{self.table} at epoch {self.epoch}"
