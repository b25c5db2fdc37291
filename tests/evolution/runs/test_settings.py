"""What the settings of the data half may be; `manage.py check` finds all else, and what to do."""

from decimal import Decimal

import pytest
from celery import Celery
from django.core.exceptions import ImproperlyConfigured

from dynschema.evolution.checks import check_settings
from dynschema.evolution.conf import Configuration, configuration
from dynschema.evolution.dumps.migrators import Migrator
from dynschema.evolution.engines.choice import engine_named

OVER_ZERO = "use a number of seconds greater than 0"
A_NAME = "use a name"
A_PATH = 'use a dotted path, such as "mysite.celery.app"'
PATHS = 'use a dict of names and dotted paths, such as {"mine": "mysite.engines.MyEngine"}'
COUNT = "use a whole number, 0 or more"
SLICE = "use a number of seconds, 0 or more"

WRONG = [
    ("engine", 5, A_NAME),
    ("engine", "", A_NAME),
    ("engines", ["x"], PATHS),
    ("engines", {"x": 1}, PATHS),
    ("engines", {1: "x"}, PATHS),
    ("engines", {"x": ""}, PATHS),
    ("tasks_backend", None, A_NAME),
    ("tasks_queue", "", A_NAME),
    ("slice_seconds", "x", SLICE),
    ("slice_seconds", -1, SLICE),
    ("slice_seconds", float("nan"), SLICE),
    ("heartbeat_seconds", 0, OVER_ZERO),
    ("heartbeat_seconds", True, OVER_ZERO),
    ("stale_after_seconds", "x", OVER_ZERO),
    ("stale_after_seconds", float("inf"), OVER_ZERO),
    ("stale_after_seconds", Decimal(100), OVER_ZERO),
    ("losses_allowed", "x", COUNT),
    ("losses_allowed", -1, COUNT),
    ("losses_allowed", 1.5, COUNT),
    ("losses_allowed", False, COUNT),
    ("context_manager", "", A_PATH),
    ("context_manager", None, A_PATH),
    ("scheduler_manager", Migrator, A_PATH),
    ("celery_app", 5, A_PATH),
    ("migrator", ["x"], A_PATH),
    ("default_schedule", 60, 'use a cron line, such as "*/5 * * * *"'),
    ("tick_seconds", 0, OVER_ZERO),
    ("tick_seconds", -1, OVER_ZERO),
    ("tick_seconds", "x", OVER_ZERO),
]

HERE = __name__

app = Celery("mine", set_as_current=False)


class NoContext:
    pass


class NoEngine:
    pass


def found() -> list[str]:
    """Give the messages of the check, which are all its own."""
    errors = check_settings()
    assert {each.id for each in errors} <= {"dynschema_evolution.E001"}
    return [each.msg for each in errors]


@pytest.mark.parametrize(("name", "value", "wanted"), WRONG)
def test_a_value_of_another_type_or_out_of_range_is_refused(settings, name, value, wanted):
    settings.DYNSCHEMA = {"evolution": {name: value}}

    message = f'DYNSCHEMA["evolution"]["{name}"] is {value!r}; {wanted}.'
    assert found() == [message]
    with pytest.raises(ImproperlyConfigured) as refused:
        configuration()
    assert str(refused.value) == message


def test_every_setting_is_refused_once_at_least():
    assert {name for name, *_ in WRONG} == set(Configuration.__dataclass_fields__)


@pytest.mark.parametrize(
    ("their_name", "value", "wanted"),
    [
        ("SISY_HEARTBEAT_FREQUENCY", "x", OVER_ZERO),
        ("SISY_DEFAULT_SCHEDULE", 60, 'use a cron line, such as "*/5 * * * *"'),
        ("POST_DEPLOY_CELERY_APP", 5, A_PATH),
    ],
)
def test_a_setting_of_another_package_is_refused_by_its_own_name(
    settings, their_name, value, wanted
):
    setattr(settings, their_name, value)

    assert found() == [f"{their_name} is {value!r}; {wanted}."]


@pytest.mark.parametrize("value", [[], None, "inline"])
def test_the_settings_are_a_dict(settings, value):
    settings.DYNSCHEMA = {"evolution": value}

    assert found() == [f'DYNSCHEMA["evolution"] is {value!r}; use a dict.']


@pytest.mark.parametrize("value", [[], None, "inline"])
def test_all_settings_are_a_dict(settings, value):
    settings.DYNSCHEMA = value

    assert found() == [f"DYNSCHEMA is {value!r}; use a dict."]


@pytest.mark.parametrize(
    "given",
    [
        {"slice_seconds": 0},
        {"slice_seconds": float("inf")},
        {"heartbeat_seconds": 0.5, "stale_after_seconds": 1},
        {"losses_allowed": 0},
        {"engines": {"mine": "dynschema.evolution.engines.manual.ManualEngine"}},
        {"celery_app": f"{HERE}.app"},
        {"default_schedule": "30 0 * * *"},
        {"tasks_queue": "slow"},
    ],
)
def test_values_at_the_edge_are_taken(settings, given):
    settings.DYNSCHEMA = {"evolution": given}

    assert found() == []


@pytest.mark.parametrize(
    ("name", "path", "reason"),
    [
        ("celery_app", "nope.app", "cannot be imported (No module named 'nope')"),
        ("celery_app", f"{HERE}.NoEngine", "is no Celery app"),
        ("migrator", "nope.Migrator", "cannot be imported (No module named 'nope')"),
        ("migrator", f"{HERE}.NoEngine", "is no subclass of Migrator"),
        ("context_manager", "nope", "cannot be imported (nope doesn't look like a module path)"),
        (
            "context_manager", f"{HERE}.NoContext",
            "is no class with the methods default_parameters() and execute()",
        ),
        (
            "scheduler_manager", f"{HERE}.Gone",
            f'cannot be imported (Module "{HERE}" does not define a "Gone" attribute/class)',
        ),
    ],
)  # fmt: skip
def test_a_path_that_leads_to_nothing_of_use_is_found(settings, name, path, reason):
    settings.DYNSCHEMA = {"evolution": {name: path}}

    assert found() == [f'DYNSCHEMA["evolution"]["{name}"] is "{path}", which {reason}.']


def test_a_path_of_another_package_is_found_by_its_own_name(settings):
    settings.POST_DEPLOY_CELERY_APP = "nope.app"

    assert found() == [
        "POST_DEPLOY_CELERY_APP is \"nope.app\", which cannot be imported (No module named 'nope')."
    ]


def test_all_paths_that_lead_nowhere_are_found_at_once(settings):
    settings.DYNSCHEMA = {
        "evolution": {
            "migrator": "nope.Migrator",
            "engines": {"steam": "nope.Steam", "coal": f"{HERE}.NoEngine"},
        }
    }

    assert found() == [
        (
            'DYNSCHEMA["evolution"]["migrator"] is "nope.Migrator", which cannot be imported '
            "(No module named 'nope')."
        ),
        (
            'DYNSCHEMA["evolution"]["engines"]["steam"] is "nope.Steam", which cannot be imported '
            "(No module named 'nope')."
        ),
        (
            f'DYNSCHEMA["evolution"]["engines"]["coal"] is "{HERE}.NoEngine", which is no '
            "subclass of dynschema.evolution.engines.base.Engine."
        ),
    ]


def test_a_module_that_fails_when_it_is_imported_is_found(settings, tmp_path, monkeypatch):
    (tmp_path / "failing_app.py").write_text("app = 1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    settings.DYNSCHEMA = {"evolution": {"celery_app": "failing_app.app"}}

    assert found() == [
        (
            'DYNSCHEMA["evolution"]["celery_app"] is "failing_app.app", which cannot be imported '
            "(ZeroDivisionError: division by zero)."
        )
    ]


THEIRS, OURS = "SISY_DEFAULT_SCHEDULE", 'DYNSCHEMA["evolution"]["default_schedule"]'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("61 * * * *", "out of range"),
        ("* * *", "it has 3 fields"),
    ],
)
def test_a_cron_line_that_is_none_is_found(settings, line, reason):
    settings.DYNSCHEMA = {"evolution": {"default_schedule": line}}
    (ours,) = found()
    settings.DYNSCHEMA = {}
    settings.SISY_DEFAULT_SCHEDULE = line
    (theirs,) = found()

    message = (
        f'[dynschema.E560] The schedule "{line}" is not valid: {reason}. Give five fields (minute, '
        'hour, day, month, weekday), or six with the seconds last, as "30 0 * * *" for half past '
        "midnight."
    )
    assert (ours, theirs) == (f"{OURS}: {message}", f"{THEIRS}: {message}")


def test_a_backend_that_tasks_does_not_name_is_found(settings):
    settings.TASKS = {"default": {}, "slow": {}}
    settings.DYNSCHEMA = {"evolution": {"tasks_backend": "zz"}}

    assert found() == [
        (
            'DYNSCHEMA["evolution"]["tasks_backend"] is "zz", which is not in TASKS; '
            "it has default, slow."
        )
    ]


@pytest.mark.parametrize("engine", ["inline", "django_tasks"])
def test_a_queue_that_the_backend_does_not_have_is_found(settings, engine):
    engine_named("django_tasks")  # What it imports needs backends that are real.
    settings.TASKS = {"default": {}, "any": {"QUEUES": []}, "two": {"QUEUES": ["a", "b"]}}
    queued = {"engine": engine, "tasks_queue": "slow"}
    messages = []

    for backend in ("default", "any", "two"):
        settings.DYNSCHEMA = {"evolution": {**queued, "tasks_backend": backend}}
        messages += found()

    wrong = 'DYNSCHEMA["evolution"]["tasks_queue"] is "slow", which is not among the QUEUES of'
    assert messages == ([] if engine == "inline" else [
        f'{wrong} "default" in TASKS; these are default.',
        f'{wrong} "two" in TASKS; these are a, b.',
    ])  # fmt: skip


def test_without_tasks_there_is_the_default_backend(settings):
    if hasattr(settings, "TASKS"):
        del settings.TASKS
    settings.DYNSCHEMA = {"evolution": {"engine": "django_tasks"}}

    assert found() == []


def test_a_default_backend_that_is_missing_matters_to_its_engine_alone(settings):
    settings.TASKS = {"slow": {}}
    settings.DYNSCHEMA = {}
    unused = found()
    settings.DYNSCHEMA = {"evolution": {"engine": "django_tasks"}}

    assert unused == []
    assert found() == [
        'DYNSCHEMA["evolution"]["tasks_backend"] is "default", which is not in TASKS; it has slow.'
    ]
