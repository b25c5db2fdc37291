"""Connects what listens when Django is ready; runs no query."""

from django.apps import AppConfig


class DynschemaConfig(AppConfig):
    """The schema half."""

    name = "dynschema"
    verbose_name = "Dynamic tables"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the checks, and listen for requests."""
        # Models are not loaded before.
        from dynschema import checks, cleaning, contenttypes, scopes  # noqa: PLC0415

        checks.register_all()
        scopes.listen()
        cleaning.listen()
        contenttypes.listen()
