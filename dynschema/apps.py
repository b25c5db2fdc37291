"""Connects what listens when Django is ready; runs no query."""

from django.apps import AppConfig


class DynschemaConfig(AppConfig):
    """The schema half."""

    name = "dynschema"
    verbose_name = "Dynamic tables"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the checks, and listen for requests."""
        from dynschema import checks, cleaning, scopes  # noqa: PLC0415 - models are not loaded before

        checks.register_all()
        scopes.listen()
        cleaning.listen()
