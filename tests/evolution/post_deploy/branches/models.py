"""What was done in a schema."""
# ruff: noqa: DJ008 - nobody reads them

from django.db import models


class Note(models.Model):
    text = models.CharField(max_length=40)
