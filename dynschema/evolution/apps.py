"""Connects what listens when Django is ready; runs no query."""

from importlib import import_module

from django.apps import AppConfig


class EvolutionConfig(AppConfig):
    """The data half."""

    name = "dynschema.evolution"
    label = "dynschema_evolution"
    verbose_name = "Data evolution"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """Load the model of schedules too, which stands above that of runs."""
        super().import_models()
        import_module(f"{self.name}.schedules.models")

    def ready(self) -> None:
        """Load the checks, and the engine: workers must know its task before the first is sent."""
        # Models are not loaded before.
        from dynschema.evolution import checks  # noqa: PLC0415
        from dynschema.evolution.dumps import recorded  # noqa: PLC0415
        from dynschema.evolution.inject import startup  # noqa: PLC0415
        from dynschema.evolution.massmigrations import loader as migrations  # noqa: PLC0415
        from dynschema.evolution.post_deploy import works as actions  # noqa: PLC0415
        from dynschema.evolution.registry import register_kind  # noqa: PLC0415

        register_kind(actions.KIND, actions.find)
        register_kind(migrations.KIND, migrations.find_factory)
        recorded.register_kinds()
        checks.register_all()
        checks.check_settings()
        startup.finish(self)
