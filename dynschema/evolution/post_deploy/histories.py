"""What is known of the actions: how the latest run of each ended, and what is left to do."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from dynschema.evolution.models import Run, RunQuerySet
from dynschema.evolution.post_deploy.actions import Action, all_actions
from dynschema.evolution.post_deploy.works import KIND
from dynschema.evolution.run_tables import run_table_expected
from dynschema.evolution.statuses import ENDED, Status

USING = "default"
"""Actions are run in this database."""


@dataclass(frozen=True)
class History:
    """An action, and its latest run if there is one."""

    action: Action
    run: Run | None = None

    @property
    def is_new(self) -> bool:
        """Whether `--auto` and `--all` may run it; a cancelled run is as none."""
        return self.run is None or self.run.status == Status.CANCELLED

    @property
    def is_done(self) -> bool:
        """Whether it succeeded or was skipped."""
        return self.run is not None and self.run.is_done

    @property
    def has_failed(self) -> bool:
        """Whether it ended with an error."""
        return self.run is not None and self.run.status == Status.ERRORED

    @property
    def is_active(self) -> bool:
        """Whether it has been scheduled and has not ended."""
        return self.run is not None and self.run.status not in ENDED


def all_runs() -> RunQuerySet:
    """Return every run of an action, the latest first."""
    return Run.objects.using(USING).filter(kind=KIND, dry_run=False).order_by("-created_at")


def latest_runs() -> list[Run]:
    """Return the latest run of each action that has one, the earliest of them first."""
    place = Window(RowNumber(), partition_by="name", order_by=F("created_at").desc())
    runs = all_runs().annotate(place=place).filter(place=1)
    with run_table_expected(USING):
        return list(runs.order_by("created_at"))


def all_histories() -> list[History]:
    """Return the actions of the project in their order."""
    runs = {run.name: run for run in latest_runs()}
    return [History(action, runs.get(action.path)) for action in all_actions()]


def history_of(path: str) -> History:
    """Return that of one action; of one that has no code any more as well."""
    with run_table_expected(USING):
        return History(Action(path), all_runs().filter(name=path).first())
