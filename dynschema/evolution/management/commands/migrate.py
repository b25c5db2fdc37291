"""`manage.py migrate`, which does not see injected fields."""

from dynschema.evolution.inject.hiding import command_of_others, hiding

Command = hiding(command_of_others("migrate"))
