"""Carries data along: long work as durable runs that survive every interruption.

The words, and the module of each:

* a **work** (`work`) is code: what to do, over which items; `registry` finds it by kind and name;
* a **run** (`models`) is a stored execution of it; `launch` is the only way to make one;
* an **engine** (`engines`) brings a run to a worker, which takes it through one slice: `runner`;
* `control` pauses, resumes and cancels; `recovery` takes over what a lost worker left.

    from dynschema.evolution import BulkWork, launch, register

    @register()
    class FillAges(BulkWork):
        def __init__(self, year: int) -> None:
            self.year = year

        def get_queryset(self):
            return Person.objects.filter(age=None)

        def process_batch(self, batch):
            batch.update(age=self.year - F("born"))

    run = launch(FillAges, {"year": 2026})

A door is a thin vocabulary over this: it gives its work a `kind`, tells the registry how to find
it (`register_kind`), launches `Reference(kind, name)`, and reads runs with `Run.objects.of(...)`.

The public names are loaded when they are first asked for, since Django imports this package
before any model may be imported.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dynschema.evolution.control import cancel, pause, resume
    from dynschema.evolution.foreground import finish
    from dynschema.evolution.inject.injections import inject_field
    from dynschema.evolution.inject.updates import update_field
    from dynschema.evolution.inject.waiting import do_when_prepared
    from dynschema.evolution.launching import Options, launch, skip
    from dynschema.evolution.massmigrations.enforcement import (
        requires_migration,
        view_requires_migration,
    )
    from dynschema.evolution.massmigrations.exceptions import (
        CannotRunOnDB,
        DbAliasNotAllowed,
        DependentMigrationNotApplied,
        MigrationAlreadyStarted,
        MigrationError,
        RequiredMigrationNotApplied,
    )
    from dynschema.evolution.massmigrations.migrations import (
        BaseMigration,
        MapperMigration,
        SimpleMigration,
    )
    from dynschema.evolution.massmigrations.operations import EnsureMassMigration
    from dynschema.evolution.models import Run
    from dynschema.evolution.post_deploy.actions import post_deploy_action
    from dynschema.evolution.post_deploy.launches import run_task, skip_all_tasks
    from dynschema.evolution.recovery import recover
    from dynschema.evolution.registry import Reference, register, register_kind
    from dynschema.evolution.schedules.models import (
        Task,
        task_with_callable,
        taskinfo_with_label,
    )
    from dynschema.evolution.schedules.operations import ScheduleTask
    from dynschema.evolution.schedules.ticks import tick
    from dynschema.evolution.throttles import Throttle
    from dynschema.evolution.work import BulkWork, QuerySetWork, Work

__all__ = [
    "BaseMigration",
    "BulkWork",
    "CannotRunOnDB",
    "DbAliasNotAllowed",
    "DependentMigrationNotApplied",
    "EnsureMassMigration",
    "MapperMigration",
    "MigrationAlreadyStarted",
    "MigrationError",
    "Options",
    "QuerySetWork",
    "Reference",
    "RequiredMigrationNotApplied",
    "Run",
    "ScheduleTask",
    "SimpleMigration",
    "Task",
    "Throttle",
    "Work",
    "cancel",
    "do_when_prepared",
    "finish",
    "inject_field",
    "launch",
    "pause",
    "post_deploy_action",
    "recover",
    "register",
    "register_kind",
    "requires_migration",
    "resume",
    "run_task",
    "skip",
    "skip_all_tasks",
    "task_with_callable",
    "taskinfo_with_label",
    "tick",
    "update_field",
    "view_requires_migration",
]

_HOMES = {
    "BaseMigration": "massmigrations.migrations",
    "BulkWork": "work",
    "CannotRunOnDB": "massmigrations.exceptions",
    "DbAliasNotAllowed": "massmigrations.exceptions",
    "DependentMigrationNotApplied": "massmigrations.exceptions",
    "EnsureMassMigration": "massmigrations.operations",
    "MapperMigration": "massmigrations.migrations",
    "MigrationAlreadyStarted": "massmigrations.exceptions",
    "MigrationError": "massmigrations.exceptions",
    "Options": "launching",
    "QuerySetWork": "work",
    "Reference": "registry",
    "RequiredMigrationNotApplied": "massmigrations.exceptions",
    "Run": "models",
    "ScheduleTask": "schedules.operations",
    "SimpleMigration": "massmigrations.migrations",
    "Task": "schedules.models",
    "Throttle": "throttles",
    "Work": "work",
    "cancel": "control",
    "do_when_prepared": "inject.waiting",
    "finish": "foreground",
    "inject_field": "inject.injections",
    "launch": "launching",
    "pause": "control",
    "post_deploy_action": "post_deploy.actions",
    "recover": "recovery",
    "register": "registry",
    "register_kind": "registry",
    "requires_migration": "massmigrations.enforcement",
    "resume": "control",
    "run_task": "post_deploy.launches",
    "skip": "launching",
    "skip_all_tasks": "post_deploy.launches",
    "task_with_callable": "schedules.models",
    "taskinfo_with_label": "schedules.models",
    "tick": "schedules.ticks",
    "update_field": "inject.updates",
    "view_requires_migration": "massmigrations.enforcement",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
