"""Launches, skips and resets actions."""

from __future__ import annotations

from dynschema.evolution.clock import SYSTEM_CLOCK, Clock
from dynschema.evolution.control import abandon
from dynschema.evolution.engines.choice import engine_named
from dynschema.evolution.foreground import finish
from dynschema.evolution.launching import Options, launch, reopen, skip
from dynschema.evolution.models import Run
from dynschema.evolution.post_deploy.histories import (
    USING,
    History,
    all_histories,
    history_of,
)
from dynschema.evolution.post_deploy.works import KIND, engine_of_actions
from dynschema.evolution.recovery import recover
from dynschema.evolution.registry import Reference
from dynschema.evolution.run_tables import run_table_expected
from dynschema.evolution.statuses import WAITING

SKIPPED = "Manually skipped."


def run_task(import_name: str, triggered_by: str = "", clock: Clock = SYSTEM_CLOCK) -> Run:
    """Run an action now, even if it has run before.

    Args:
        import_name: the dotted path of an action, or of any function of an installed app.
        triggered_by: who or what, in words.
        clock: the time.

    Returns:
        Its run: it has ended, unless a worker will execute it.

    Raises:
        AlreadyActiveError: it is under way.
        UnknownWorkError: there is no such function.
    """
    return _launch(import_name, triggered_by, None, clock)


def run_unless_taken(history: History, triggered_by: str, clock: Clock = SYSTEM_CLOCK) -> Run:
    """Run an action if nobody has done so since its history was read.

    Raises:
        AlreadyActiveError: somebody does.
        OccasionTakenError: somebody did.
    """
    path = history.action.path
    occasion = f"{KIND} after {history.run.pk}" if history.run else f"first {KIND} {path}"
    return _launch(path, triggered_by, occasion, clock)


def take_over_lost(clock: Clock = SYSTEM_CLOCK) -> list[Run]:
    """Have the actions go on whose worker was lost, or whose turn has come."""
    with run_table_expected(USING):
        found = recover(clock.now(), USING, KIND)
    return [_waited_for(run, clock) for run in found]


def skip_action(path: str, message: str = SKIPPED, triggered_by: str = "") -> Run:
    """Have an action count as done.

    Raises:
        AlreadyActiveError: it is under way.
        UnknownWorkError: there is no such function.
    """
    reference = Reference(KIND, path)
    reference.factory()
    options = Options(triggered_by=triggered_by, message=message)
    return skip(reference, using=USING, options=options)


def skip_all_tasks(reason: str = SKIPPED) -> list[Run]:
    """Have all actions that never ran count as done, as on a new site."""
    new = [each.action.path for each in all_histories() if each.is_new]
    return [skip_action(path, reason) for path in new]


def reset_action(path: str, triggered_by: str = "") -> None:
    """Have an action count as new; its worker, if it has one, can change nothing any more.

    Raises:
        UnknownWorkError: it has never run, and there is no such function.
    """
    history = history_of(path)
    if history.run is None:
        Reference(KIND, path).factory()
    elif history.is_active:
        abandon(history.run)
    else:
        options = Options(triggered_by=triggered_by, message="Reset.")
        reopen(history.run.reference, using=USING, options=options)


def _launch(path: str, triggered_by: str, occasion: str | None, clock: Clock) -> Run:
    options = Options(engine=engine_of_actions(), triggered_by=triggered_by, occasion=occasion)
    return _waited_for(launch(Reference(KIND, path), using=USING, options=options), clock)


def _waited_for(run: Run, clock: Clock) -> Run:
    """Where no worker does it, a retry and a turn are waited for here."""
    run.refresh_from_db()
    at_once = engine_named(run.engine).executes_at_once()
    return finish(run, clock) if at_once and run.status in WAITING else run
