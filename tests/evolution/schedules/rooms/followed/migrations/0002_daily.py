"""The first example of the page, with the names of this package."""

from django.db import migrations

from dynschema.evolution import task_with_callable
from tests.evolution.schedules.rooms.tasks import daily_maintenance

TASK_NAME = "Daily data maintenance"


def add_repeating(apps, schema_editor):
    task = task_with_callable(
        daily_maintenance,
        label=TASK_NAME,
        schedule="30 0 * * *",  # every day at 30 minutes past midnight
        userdata={},  # optional
    )
    task.save()


def remove_repeating(apps, schema_editor):
    Task = apps.get_model("dynschema_evolution.Task")
    task = Task.objects.get(label=TASK_NAME)
    task.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0001_initial"),
        ("dynschema_evolution", "0002_task"),
    ]
    operations = [migrations.RunPython(add_repeating, reverse_code=remove_repeating)]
