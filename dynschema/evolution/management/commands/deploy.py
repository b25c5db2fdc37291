"""`manage.py deploy`: runs post-deploy actions, and tells how they stand."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dynschema.callers import caller_of
from dynschema.evolution.contexts import current_context, entered
from dynschema.evolution.exceptions import AlreadyActiveError, OccasionTakenError
from dynschema.evolution.foreground import not_ended_by_work
from dynschema.evolution.models import Run
from dynschema.evolution.post_deploy import launches, reports
from dynschema.evolution.post_deploy.histories import History, all_histories, history_of
from dynschema.evolution.post_deploy.works import KIND
from dynschema.evolution.signals import run_enqueued
from dynschema.evolution.statuses import Status
from dynschema.exceptions import DynschemaError

QUESTIONS = {
    "auto": "Run the automatic actions that never ran.",
    "all": "Run all actions that never ran, the manual ones too.",
    "status": "Show the actions that wait, run, have failed or are done.",
    "report": "The same as --status.",
    "todo": "Show the actions that never ran (a: automatic, m: manual), and those that failed (F).",
    "uuids": "Show the id of every run, the latest first.",
}

ORDERS = {
    "one": "Run this function now, even if it has run before.",
    "once": "Run this action if it never ran, or has failed.",
    "skip": "Have this action count as done.",
    "reset": "Have this action count as new; what was recorded of it is kept.",
}

OUTCOMES = {
    Status.SUCCEEDED: "Completed",
    Status.PAUSED: "Paused",
    Status.CANCELLED: "Cancelled",
}


class Command(BaseCommand):
    """Does one thing at a time."""

    help = "Runs the actions in <app>/post_deploy.py that belong to a deployment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what may be asked."""
        for name, text in QUESTIONS.items():
            parser.add_argument(f"--{name}", action="store_true", help=text)
        for name, text in ORDERS.items():
            parser.add_argument(f"--{name}", metavar="PATH", help=text)
        parser.add_argument("--schema", metavar="NAME", help="Of the tenant.")

    def handle(self, **options: Any) -> None:
        """Do what was asked."""
        names = [*QUESTIONS, *ORDERS]
        asked = {name: options[name] for name in names if options[name] not in (None, False)}
        if len(asked) != 1:
            raise CommandError(f"Provide 1 todo at a time: --{', --'.join(names)}.")
        [(name, path)] = asked.items()
        self.caller = caller_of(f"deploy --{name}")
        self.verbosity = options["verbosity"]
        answer: Callable[..., None] = getattr(self, f"do_{name}")
        try:
            with _entered_schema(options["schema"]), not_ended_by_work():
                answer(*[path] if name in ORDERS else [])
        except DynschemaError as error:
            raise CommandError(str(error)) from error

    def do_auto(self) -> None:
        """Run what is automatic and new."""
        self.run_new(lambda history: history.action.auto)

    def do_all(self) -> None:
        """Run all that is new."""
        self.run_new(lambda _: True)

    def do_one(self, path: str) -> None:
        """Run a function."""
        with self.telling():
            run = launches.run_task(path, self.caller)
        self.tell_outcome(run)
        self.conclude([run])

    def do_once(self, path: str) -> None:
        """Run an action that is not done."""
        history = history_of(path)
        if history.is_done:
            self.say(f"Already completed {path}")
        elif history.is_active:
            self.say(f"Still running {path}")
        else:
            self.run_histories([history])

    def do_skip(self, path: str) -> None:
        """Have an action count as done."""
        launches.skip_action(path, triggered_by=self.caller)
        self.say(f"Skip {path} from --all and --auto execution mode.")

    def do_reset(self, path: str) -> None:
        """Have an action count as new."""
        launches.reset_action(path, self.caller)
        self.say(f"Reset {path} for --all and --auto execution mode.")

    def do_status(self) -> None:
        """Show how actions stand."""
        self.show(reports.status_lines(), "No actions have run.")

    do_report = do_status

    def do_todo(self) -> None:
        """Show what is left to do."""
        self.show(reports.todo_lines(), "No actions to do.")

    def do_uuids(self) -> None:
        """Show the ids of runs."""
        self.show(reports.uuid_lines(), "No actions have run.")

    def say(self, text: str) -> None:
        """Print at once: a log is read while actions run."""
        self.stdout.write(text)
        self.stdout.flush()

    def show(self, lines: list[str], otherwise: str) -> None:
        """Print a list."""
        self.say("\n".join(lines) or otherwise)

    def run_new(self, is_wanted: Callable[[History], bool]) -> None:
        """Take over what was lost, then run what is new."""
        wanted = [each for each in all_histories() if is_wanted(each)]
        lost = launches.take_over_lost()
        for run in lost:
            self.tell_outcome(run)
        for each in wanted:
            self.tell_why_not(each, lost)
        self.run_histories([each for each in wanted if each.is_new], lost)

    def run_histories(self, histories: list[History], lost: Iterable[Run] = ()) -> None:
        """Run actions in their order; what fails does not keep the others from running."""
        runs = list(lost)
        with self.telling():
            for each in histories:
                try:
                    runs.append(launches.run_unless_taken(each, self.caller))
                except AlreadyActiveError:
                    self.say(f"Still running {each.action.path}")
                except OccasionTakenError:
                    self.say(f"Already scheduled {each.action.path}")
                else:
                    self.tell_outcome(runs[-1])
        self.conclude(runs)

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Say which actions are scheduled within the block, before they are executed."""

        def tell(*, run: Run, **_: Any) -> None:
            if run.kind == KIND:
                self.say(f"Scheduled {run.name}")

        run_enqueued.connect(tell, weak=False)
        try:
            yield
        finally:
            run_enqueued.disconnect(tell)

    def tell_outcome(self, run: Run) -> None:
        """Say how a run ended, if it has."""
        if run.status in OUTCOMES:
            self.say(f"{OUTCOMES[Status(run.status)]} {run.name}")

    def tell_why_not(self, history: History, lost: list[Run]) -> None:
        """Say why an action is not scheduled, unless it is done or was just taken over."""
        if history.run in lost:
            return
        if history.has_failed:
            self.stderr.write(f"Failed before: {_call_again(history.action.path)}")
        elif history.is_active:
            self.say(f"Still running {history.action.path}")

    def conclude(self, runs: list[Run]) -> None:
        """Say what failed.

        Raises:
            CommandError: something did.
        """
        if not runs:
            self.say("No actions scheduled.")
        failed = [run for run in runs if run.status == Status.ERRORED]
        if failed:
            lines = [f"{len(failed)} of {len(runs)} actions failed.", *map(self.complaint, failed)]
            raise CommandError("\n".join(lines), returncode=1)

    def complaint(self, run: Run) -> str:
        """Say what is wrong with a run, and what to do."""
        lines = [f"Failed {run.name}: {reports.message_of(run)}"]
        lines += [run.traceback] if self.verbosity > 1 else []
        return "\n".join([*lines, f"Correct the cause, then call: {_call_again(run.name)}"])


@contextmanager
def _entered_schema(name: str | None) -> Iterator[None]:
    if name is None:
        yield
    elif "schema" not in current_context():
        raise CommandError(
            "--schema is for projects with tenants. Set POST_DEPLOY_CONTEXT_MANAGER to "
            '"dynschema.evolution.post_deploy.plugins.context.tenant.TenantContext".'
        )
    else:
        with entered({"schema": name}):
            yield


def _call_again(path: str) -> str:
    return f"manage.py deploy --once {path}"
