"""What the workers of a project's own scheduler call."""

from dynschema.evolution.engines.scheduler import deploy_task

__all__ = ["deploy_task"]
