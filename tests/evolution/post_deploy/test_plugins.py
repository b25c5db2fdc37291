"""Scheduler and context managers of the project decide where actions execute, and in what."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from celery import Celery

from dynschema.evolution import Run, recover
from dynschema.evolution.checks import check_settings
from dynschema.evolution.conf import configuration
from dynschema.evolution.post_deploy.plugins.context import DefaultContext
from dynschema.evolution.post_deploy.plugins.scheduler import DefaultScheduler
from dynschema.evolution.post_deploy.tasks import deploy_task
from tests.evolution.post_deploy.conftest import AIR, ARRANGE, PAINT, SWEEP
from tests.evolution.runs.stock.models import Item

pytestmark = pytest.mark.django_db(transaction=True)

PLUGINS = "dynschema.evolution.post_deploy.plugins"
scheduled = []
entered = []


class ListScheduler(DefaultScheduler):
    """Keeps what a queue would bring to a worker."""

    def schedule(self, action_ids, context_kwargs):
        scheduled.append((action_ids, context_kwargs))
        return f"job {len(scheduled)}"


class CutOffScheduler(ListScheduler):
    """Reaches its queue only when it schedules."""

    def schedule(self, action_ids, context_kwargs):
        raise ConnectionError("nobody listens")


class NeverConnectedScheduler(ListScheduler):
    def __init__(self):
        raise ConnectionError("nobody listens")


class BranchContext(DefaultContext):
    def default_parameters(self):
        return {"branch": "north"}

    @contextmanager
    def execute(self):
        entered.append(self.parameters["branch"])
        yield


class WithoutSchedule:
    pass


eager = Celery("eager", set_as_current=False)
eager.conf.task_always_eager = True


@pytest.fixture(autouse=True)
def forget():
    scheduled.clear()
    entered.clear()


def chosen_by_their_settings(settings, **names):
    for name, value in names.items():
        setattr(settings, f"POST_DEPLOY_{name.upper()}", value)


def chosen_by_ours(settings, **names):
    settings.DYNSCHEMA = {"evolution": names}


either_settings = pytest.mark.parametrize("choose", [chosen_by_their_settings, chosen_by_ours])


@either_settings
def test_a_scheduler_of_the_project_brings_actions_to_its_workers(choose, settings, deploy):
    choose(settings, scheduler_manager=f"{__name__}.ListScheduler")

    printed = deploy("--auto")
    waiting = list(Run.objects.order_by("created_at"))
    for action_ids, context_kwargs in scheduled:
        deploy_task(action_ids, context_kwargs)

    assert printed == [f"Scheduled {path}" for path in (SWEEP, ARRANGE, AIR)]
    assert scheduled == [([str(run.pk)], {}) for run in waiting]
    assert [(run.status, run.engine, run.engine_id) for run in waiting] == [
        ("enqueued", "scheduler", f"job {number}") for number in (1, 2, 3)
    ]
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}
    assert list(Item.objects.order_by("pk").values_list("name", flat=True)) == [
        "sweep",
        "arrange",
        "air",
    ]


def test_a_worker_may_be_given_several_actions_and_the_same_twice(settings, deploy):
    chosen_by_ours(settings, scheduler_manager=f"{__name__}.ListScheduler")
    deploy("--auto")
    together = [action_id for action_ids, _ in reversed(scheduled) for action_id in action_ids]

    deploy_task(together, {})
    deploy_task(together, {})

    assert list(Item.objects.order_by("pk").values_list("name", flat=True)) == [
        "sweep",
        "arrange",
        "air",
    ]


@pytest.mark.parametrize("down", [CutOffScheduler, NeverConnectedScheduler])
def test_an_action_that_no_queue_takes_is_stored_and_handed_over_later(down, settings, deploy):
    chosen_by_ours(settings, scheduler_manager=f"{__name__}.{down.__name__}")
    complaints = [each.msg for each in check_settings()]

    printed = deploy("--auto")
    failed = (deploy.exit_code, deploy.failure)
    run = Run.objects.get()
    left = deploy("--todo")
    chosen_by_ours(settings, scheduler_manager=f"{__name__}.ListScheduler")
    handed_over = recover(now=run.heartbeat_at + timedelta(days=1))
    deploy_task(*scheduled[0])

    assert complaints == []
    assert printed == [f"Scheduled {SWEEP}"]
    assert failed == (
        1,
        (
            f'[dynschema.E522] Run {run.pk} of "{SWEEP}" is stored, but the engine "scheduler" '
            "could not take it: ConnectionError('nobody listens'). "
            "Nothing is lost: the heartbeat hands it over again, or cancel it."
        ),
    )
    assert (run.status, run.engine_id) == ("enqueued", "")
    assert left == [f"m: {PAINT} (after closing time)", f"a: {ARRANGE}", f"a: {AIR}"]
    assert (handed_over, scheduled) == ([run], [([str(run.pk)], {})])
    run.refresh_from_db()
    assert (run.status, run.engine_id) == ("succeeded", "job 1")


@either_settings
def test_the_default_scheduler_executes_at_once_whatever_the_engine(choose, settings, deploy):
    choose(settings, scheduler_manager=f"{PLUGINS}.scheduler.DefaultScheduler")

    deploy("--one", SWEEP)

    run = Run.objects.get()
    assert (run.engine, run.status) == ("inline", "succeeded")


@either_settings
def test_the_celery_scheduler_sends_to_the_celery_app_of_the_settings(choose, settings, deploy):
    choose(
        settings,
        scheduler_manager=f"{PLUGINS}.scheduler.celery.CeleryScheduler",
        celery_app=f"{__name__}.eager",
    )

    printed = deploy("--one", SWEEP)

    run = Run.objects.get()
    assert printed == [f"Scheduled {SWEEP}", f"Completed {SWEEP}"]
    assert (run.engine, run.status, bool(run.engine_id)) == ("celery", "succeeded", True)


@either_settings
def test_a_context_of_the_project_is_carried_to_the_worker(choose, settings, deploy):
    choose(
        settings,
        scheduler_manager=f"{__name__}.ListScheduler",
        context_manager=f"{__name__}.BranchContext",
    )
    deploy("--one", SWEEP)
    before = list(entered)

    deploy_task(*scheduled[0])

    run = Run.objects.get()
    assert (run.status, run.context) == ("succeeded", {"branch": "north"})
    assert scheduled == [([str(run.pk)], {"branch": "north"})]
    assert (before, set(entered)) == ([], {"north"})


@pytest.mark.django_db
def test_our_settings_come_before_theirs(settings):
    settings.POST_DEPLOY_CONTEXT_MANAGER = "theirs.Context"
    settings.POST_DEPLOY_SCHEDULER_MANAGER = "theirs.Scheduler"
    settings.DYNSCHEMA = {"evolution": {"context_manager": "ours.Context"}}

    chosen = configuration()

    assert (chosen.context_manager, chosen.scheduler_manager) == (
        "ours.Context",
        "theirs.Scheduler",
    )


NOWHERE = "{name} is \"{value}\", which cannot be imported (No module named 'nowhere')."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("scheduler_manager", "nowhere.Scheduler", NOWHERE),
        ("context_manager", "nowhere.Context", NOWHERE),
        (
            "scheduler_manager",
            f"{__name__}.WithoutSchedule",
            (
                f'DYNSCHEMA["evolution"]["scheduler_manager"] is "{__name__}.WithoutSchedule", '
                "which has no method schedule(action_ids, context_kwargs). Write one, or remove "
                "the setting."
            ),
        ),
    ],
)
@either_settings
def test_a_wrong_path_is_found_by_the_checks(choose, settings, name, value, message):
    choose(settings, **{name: value})

    called = f'DYNSCHEMA["evolution"]["{name}"]'
    if choose is chosen_by_their_settings and message is NOWHERE:
        called = f"POST_DEPLOY_{name.upper()}"
    assert [each.msg for each in check_settings()] == [message.format(name=called, value=value)]


def test_a_schema_needs_a_context_that_knows_schemas(deploy):
    deploy("--status", "--schema=north")

    assert (deploy.exit_code, deploy.failure) == (
        1,
        (
            "--schema is for projects with tenants. Set POST_DEPLOY_CONTEXT_MANAGER to "
            '"dynschema.evolution.post_deploy.plugins.context.tenant.TenantContext".'
        ),
    )
