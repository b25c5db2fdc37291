"""The second example of the page; it named the method, and passed what migrations do not have."""

from django.db import migrations

from dynschema.evolution import task_with_callable, taskinfo_with_label

TASK_NAME = "A suitably unique label for the task"
METHOD_NAME = "tests.evolution.schedules.rooms.models.Room.clean_up"


# Function to run the forward migration
def add_repeating(apps, schema_editor):
    # Look up our model by asking Django for it
    # This is only a stand-in class, not the real thing
    Room = apps.get_model("rooms.Room")
    # Create a new instance of our class
    newRoom = Room()
    # We must save the object to set its PK.
    # Note: there are no custom methods at this point;
    # including overridden save() methods!
    newRoom.save()

    task = task_with_callable(
        METHOD_NAME,
        label=TASK_NAME,
        schedule="* * * * *",
        pk_override=newRoom.pk,
    )
    task.save()


# Function to run the reverse migration
def remove_repeating(apps, schema_editor):
    # Get the temporary version of the schedule
    Task = apps.get_model("dynschema_evolution.Task")
    # Get the temporary version of our model class
    Room = apps.get_model("rooms.Room")

    # Look up our task by label
    task = Task.objects.get(label=TASK_NAME)
    # Disable it so it can't have a race condition while
    # we're removing it (unless it's already running, which
    # is another problem entirely)
    task.enabled = False
    task.save()

    # Look up our callable object's task info with a special function
    # and pull the object's PK out of it
    oldRoomPK = taskinfo_with_label(TASK_NAME)["model_pk"]

    # Retrieve the object and delete it
    # This is not mandatory, but probably a good idea.
    oldRoom = Room.objects.get(pk=oldRoomPK)
    oldRoom.delete()

    # Now we can delete the task object.
    task.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0002_daily"),
        ("dynschema_evolution", "0002_task"),
    ]
    operations = [migrations.RunPython(add_repeating, reverse_code=remove_repeating)]
