"""The types of django.contrib.postgres."""
# ruff: noqa: DJ008 - nobody reads them

from django.db import connection, models

if connection.vendor == "postgresql":
    from django.contrib.postgres import fields, search

    from tests.evolution.dumps.museum.models import ColourField

    class Specimen(models.Model):
        """The types of one database."""

        id = models.BigAutoField(primary_key=True)
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
        labels = fields.ArrayField(models.TextField(null=True), null=True, blank=True)
        colours = fields.ArrayField(ColourField(), null=True, blank=True)
        notes = fields.ArrayField(models.JSONField(null=True), null=True, blank=True)
        layers = fields.ArrayField(
            fields.ArrayField(fields.IntegerRangeField()), null=True, blank=True
        )
        properties = fields.HStoreField(null=True, blank=True)
        words = search.SearchVectorField(null=True, blank=True)
