"""The admin pages of the data half: runs, and what the doors have of their own."""

from django.contrib import admin

from dynschema.evolution.admin.runs import RunAdmin
from dynschema.evolution.models import Run

admin.site.register(Run, RunAdmin)

__all__ = ["RunAdmin"]
