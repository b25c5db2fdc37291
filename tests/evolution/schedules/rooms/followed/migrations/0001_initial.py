"""The same tables as in the tests elsewhere."""

from importlib import import_module

Migration = import_module("tests.evolution.schedules.rooms.migrations.0001_initial").Migration
