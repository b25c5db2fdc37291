"""Engines are found by name, and none of them nests its slices."""

import sys
from dataclasses import fields
from datetime import timedelta
from uuid import uuid4

import pytest
from celery import Celery
from django.core.checks import run_checks

from dynschema.evolution import Options, launch, recover
from dynschema.evolution.checks import check_settings
from dynschema.evolution.conf import Configuration
from dynschema.evolution.delivery import Delivery
from dynschema.evolution.engines.choice import engine_named
from dynschema.evolution.engines.inline import InlineEngine
from dynschema.evolution.exceptions import EngineNotInstalledError, HandOverError
from dynschema.evolution.models import Run
from tests.evolution.runs.stock.models import Item
from tests.evolution.runs.stock.works import CountNames

NAMES = {"names": ["a"] * 300}


@pytest.fixture
def eager_celery():
    from celery import current_app

    before = current_app.conf.task_always_eager
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = before


@pytest.fixture
def nowhere(settings, monkeypatch) -> Celery:
    """Let the project have an app on whose port nobody listens."""
    app = Celery("nowhere", broker="redis://127.0.0.1:1", set_as_current=False)
    monkeypatch.setattr(f"{__name__}.found_by_its_path", app, raising=False)
    settings.DYNSCHEMA = {"evolution": {"celery_app": f"{__name__}.found_by_its_path"}}
    return app


@pytest.mark.django_db
@pytest.mark.parametrize("engine", ["inline", "django_tasks", "celery"])
def test_what_executes_at_once_does_not_nest(
    engine, short_slices, eager_celery, django_capture_on_commit_callbacks
):
    Item.objects.create(name="a")

    with django_capture_on_commit_callbacks(execute=True):
        run = launch(CountNames, NAMES, options=Options(engine=engine, batch_size=1))
    run.refresh_from_db()

    assert Item.objects.get().times == 300
    assert (run.status, run.engine, run.generation) == ("succeeded", engine, 301)


def test_a_delivery_survives_its_way_to_another_process():
    delivery = Delivery(uuid4(), 3, "archive", {"schema": "north"})

    assert Delivery.from_json(delivery.as_json()) == delivery


def test_the_engine_of_the_settings_is_the_default():
    assert isinstance(engine_named("inline"), InlineEngine)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_no_broker_takes_is_stored_and_handed_over_later(nowhere):
    Item.objects.create(name="a")

    with pytest.raises(HandOverError) as refused:
        launch(CountNames, {"names": ["a"]}, options=Options(engine="celery"))

    run = Run.objects.get()
    assert (run.status, run.engine_id) == ("enqueued", "")
    said, reason = str(refused.value).split(" could not take it: ")
    assert (
        said == f'[dynschema.E522] Run {run.pk} of "{run.name}" is stored, but the engine "celery"'
    )
    assert reason.startswith("OperationalError(")
    assert reason.endswith("). Nothing is lost: the heartbeat hands it over again, or cancel it.")
    nowhere.conf.task_always_eager = True
    assert recover(now=run.heartbeat_at + timedelta(days=1)) == [run]
    run.refresh_from_db()
    assert (run.status, Item.objects.get().times) == ("succeeded", 1)


@pytest.mark.parametrize(
    ("name", "package"), [("celery", "celery"), ("django_tasks", "django-tasks")]
)
def test_the_missing_package_of_an_engine_is_named(name, package, monkeypatch):
    monkeypatch.setitem(sys.modules, f"dynschema.evolution.engines.{name}", None)

    with pytest.raises(EngineNotInstalledError) as refused:
        engine_named(name)

    assert str(refused.value) == (
        f'[dynschema.E513] The engine "{name}" needs the package "{package}", which is not '
        f"installed. Run: pip install 'dynschema[{package}]'."
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, None),
        (
            {"engine": "steam"},
            (
                '[dynschema.E512] There is no engine "steam"; there are celery, django_tasks, '
                "inline, manual, scheduler. Name another one, or add it to "
                'DYNSCHEMA["evolution"]["engines"].'
            ),
        ),
        (
            {"speed": 9},
            (
                'DYNSCHEMA["evolution"] has the unknown setting "speed"; it knows '
                f"{', '.join(sorted(each.name for each in fields(Configuration)))}."
            ),
        ),
        (
            {"stale_after_seconds": 30},
            (
                'DYNSCHEMA["evolution"]["stale_after_seconds"] is 30, less than two heartbeats '
                "(20 s each): workers that live would be taken for lost. Raise it."
            ),
        ),
    ],
)
def test_settings_that_cannot_work_are_found_by_check(given, message, settings):
    settings.DYNSCHEMA = {"evolution": given}

    found = check_settings()

    assert [each.msg for each in found] == ([message] if message else [])
    assert {each.id for each in found} <= {"dynschema_evolution.E001"}


def test_a_setting_that_nothing_reads_any_more_is_found_by_check(settings):
    before = run_checks()

    settings.MASSMIGRATION_BACKEND = "shop.backends.Backend"

    [found] = [each for each in run_checks() if each not in before]
    assert found.id == "dynschema_evolution.W001"
    assert found.msg == (
        'MASSMIGRATION_BACKEND is "shop.backends.Backend", and nothing reads it: engines execute '
        "migrations."
    )
