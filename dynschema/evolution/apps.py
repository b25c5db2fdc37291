"""Connects what listens when Django is ready; runs no query."""

from django.apps import AppConfig


class EvolutionConfig(AppConfig):
    """The data half."""

    name = "dynschema.evolution"
    label = "dynschema_evolution"
    verbose_name = "Data evolution"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the checks, and the engine: workers must know its task before the first is sent."""
        from dynschema.evolution import checks  # noqa: PLC0415 - models are not loaded before

        checks.register_all()
        checks.check_settings()
