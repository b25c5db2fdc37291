"""Class and static methods by their dotted paths, as operations."""

from django.db import migrations

from dynschema.evolution import ScheduleTask

MODEL = "tests.evolution.schedules.rooms.models.Room"


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0003_instance_method"),
        ("dynschema_evolution", "0002_task"),
    ]
    operations = [
        ScheduleTask(f"{MODEL}.clean_all", "Clean all", "0 4 * * *"),
        ScheduleTask(f"{MODEL}.lock_up", "Lock up", "0 22 * * mon-fri", {"alarm": True}),
    ]
