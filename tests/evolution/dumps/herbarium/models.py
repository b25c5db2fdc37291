"""The types of django.contrib.postgres."""
# ruff: noqa: DJ008 - nobody reads them

from django.db import connection, models

if connection.vendor == "postgresql":
    from django.contrib.postgres import fields

    class Specimen(models.Model):
        """The types of one database."""

        numbers = fields.ArrayField(models.IntegerField(), null=True, blank=True)
        grid = fields.ArrayField(
            fields.ArrayField(models.DecimalField(max_digits=6, decimal_places=2)),
            null=True,
            blank=True,
        )
        whole = fields.IntegerRangeField(null=True, blank=True)
        exact = fields.DecimalRangeField(null=True, blank=True)
        days = fields.DateRangeField(null=True, blank=True)
        moments = fields.DateTimeRangeField(null=True, blank=True)
        spans = fields.ArrayField(fields.DateRangeField(), null=True, blank=True)
