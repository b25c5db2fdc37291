"""`manage.py sisy_heartbeat`: the name that Sisy's users know for `heartbeat`."""

from dynschema.evolution.management.commands.heartbeat import Command

__all__ = ["Command"]
