"""The admin pages of the data half: runs, and what the doors have of their own."""

from django.contrib import admin

from dynschema.evolution.admin.runs import RunAdmin
from dynschema.evolution.admin.schedules import ScheduleAdmin
from dynschema.evolution.models import Run
from dynschema.evolution.schedules.models import Task

admin.site.register(Run, RunAdmin)
admin.site.register(Task, ScheduleAdmin)

__all__ = ["RunAdmin", "ScheduleAdmin"]
