"""Rooms under primary keys of several types, and what was done in them."""

from __future__ import annotations

import uuid

from django.db import models


class Shown(models.Model):
    class Meta:
        abstract = True

    def __str__(self):
        return f"{type(self).__name__} {self.pk}"


class Note(Shown):
    """What was called, with what."""

    text = models.CharField(max_length=200)
    details = models.JSONField(default=dict)


class Room(Shown):
    name = models.CharField(max_length=50, default="hall")

    def clean_up(self, message):
        Note.objects.create(text=f"room {self.name}", details=message["task"].userdata)

    def air(self, minutes: int = 5):
        Note.objects.create(text=f"aired {self.name}", details={"minutes": minutes})

    @classmethod
    def clean_all(cls, message):
        Note.objects.create(text=f"all {cls.__name__}", details=message["message"])

    @staticmethod
    def lock_up(message):
        Note.objects.create(text="locked", details=message["channel_message"])


class Suite(Shown):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)

    def clean_up(self):
        Note.objects.create(text=f"suite {self.pk}")


class Wing(Shown):
    name = models.CharField(primary_key=True, max_length=20)

    def clean_up(self):
        Note.objects.create(text=f"wing {self.pk}")


class Bed(Shown):
    pk = models.CompositePrimaryKey("room_id", "number")
    room = models.ForeignKey(Room, models.CASCADE)
    number = models.IntegerField()

    def make(self):
        """Nobody can come here."""
