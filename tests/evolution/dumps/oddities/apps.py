"""An app about people who work no more."""

from django.apps import AppConfig


class OdditiesConfig(AppConfig):
    """Its label is a word that dumps have for something else."""

    name = "tests.evolution.dumps.oddities"
    label = "retired"
