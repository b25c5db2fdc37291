"""Connects receivers and checks when Django is ready; runs no query."""

from django.apps import AppConfig


class DynschemaConfig(AppConfig):
    """The schema half."""

    name = "dynschema"
    verbose_name = "Dynamic tables"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what listens."""
        from dynschema import checks, receivers  # noqa: F401, PLC0415
