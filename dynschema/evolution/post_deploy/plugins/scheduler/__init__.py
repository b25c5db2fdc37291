"""Where actions execute: a class that `scheduler_manager` names."""

from __future__ import annotations

from typing import ClassVar


class DefaultScheduler:
    """Actions execute one after another in the process of the command.

    A subclass for another queue has a method `schedule(action_ids, context_kwargs)`. It has a
    worker call `deploy_task` of `dynschema.evolution.post_deploy.tasks` with both, and returns
    what names the job.
    """

    engine: ClassVar[str] = "inline"
    """Used where there is no method `schedule`."""
