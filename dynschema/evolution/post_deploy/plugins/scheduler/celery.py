"""Actions execute in the workers of the project's Celery app."""

from __future__ import annotations

from dynschema.evolution.post_deploy.plugins.scheduler import DefaultScheduler


class CeleryScheduler(DefaultScheduler):
    """Stands for the engine `celery`."""

    engine = "celery"
