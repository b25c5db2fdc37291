"""The same label again: another time and other data."""

from django.db import migrations

from dynschema.evolution import ScheduleTask


class Migration(migrations.Migration):
    dependencies = [("rooms", "0004_methods")]
    operations = [
        ScheduleTask(
            "tests.evolution.schedules.rooms.tasks.water", "Lock up", "0 23 * * *", {"litres": 3}
        ),
    ]
