"""`manage.py deploy` runs what is new, once, in the order of definition, and tells what it did."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from dynschema import callers
from dynschema.evolution import Run
from dynschema.evolution.post_deploy import histories, works
from dynschema.evolution.post_deploy.actions import Action
from tests.evolution.post_deploy.bakery import chores
from tests.evolution.post_deploy.conftest import AIR, ARRANGE, BAKERY, PAINT, SWEEP, Deploy
from tests.evolution.runs.stock.models import Item
from tests.support.missing_tables import without_table

pytestmark = pytest.mark.django_db(transaction=True)


def worked():
    return list(Item.objects.order_by("pk").values_list("name", flat=True))


def runs():
    return list(Run.objects.order_by("created_at").values_list("name", "status"))


def test_automatic_actions_run_in_the_order_of_apps_and_definition(deploy):
    printed = deploy("--auto")

    assert printed == [
        f"Scheduled {SWEEP}",
        f"Completed {SWEEP}",
        f"Scheduled {ARRANGE}",
        f"Completed {ARRANGE}",
        f"Scheduled {AIR}",
        f"Completed {AIR}",
    ]
    assert (deploy.failure, deploy.errors) == (None, [])
    assert worked() == ["sweep", "arrange", "air"]


def test_all_runs_the_manual_ones_too(deploy):
    deploy("--auto")

    printed = deploy("--all")

    assert printed == [f"Scheduled {PAINT}", f"Completed {PAINT}"]
    assert worked() == ["sweep", "arrange", "air", "paint"]


def test_what_has_run_does_not_run_again(deploy):
    deploy("--all")

    printed = deploy("--all")

    assert (printed, deploy.failure) == (["No actions scheduled."], None)
    assert len(worked()) == Run.objects.count() == 4


def test_a_run_says_what_triggered_it(deploy):
    deploy("--one", SWEEP)

    run = Run.objects.get()
    assert (run.kind, run.name, run.status) == ("action", SWEEP, "succeeded")
    assert run.triggered_by.startswith("manage.py deploy --one (")


@pytest.mark.parametrize("atomic", [True, False], ids=["atomic", "not atomic"])
def test_what_fails_is_called_once(atomic, deploy, monkeypatch):
    monkeypatch.setattr(works, "action_at", lambda path: Action(path, atomic=atomic))
    chores.falls.clear()

    deploy("--one", f"{BAKERY}.chores.fall")

    assert chores.falls == ["down"]
    assert deploy.exit_code == 1
    assert runs() == [(f"{BAKERY}.chores.fall", "errored")]


def test_an_action_that_ends_its_process_fails_the_command(deploy):
    deploy("--one", f"{BAKERY}.chores.leave")

    assert (deploy.exit_code, deploy.failure) == (
        1,
        (
            "[dynschema.E518] Work wanted to end this process (sys.exit, 0); what it was at is "
            "undone. Have it raise an error instead, and call the command again."
        ),
    )


@pytest.mark.parametrize("error", [KeyError("uid not found"), OSError("no username set")])
def test_a_user_without_a_name_may_deploy(error, deploy, monkeypatch):
    def find_nobody():
        raise error

    monkeypatch.setattr(callers, "getuser", find_nobody)

    deploy("--auto")

    assert {run.triggered_by for run in Run.objects.all()} == {
        "manage.py deploy --auto (unknown user)"
    }


def test_a_failed_action_leaves_nothing_and_the_others_run(deploy):
    Item.objects.create(name="bad")

    printed = deploy("--all")

    assert printed == [
        f"Scheduled {SWEEP}",
        f"Completed {SWEEP}",
        f"Scheduled {PAINT}",
        f"Completed {PAINT}",
        f"Scheduled {ARRANGE}",
        f"Scheduled {AIR}",
    ]
    assert (deploy.exit_code, deploy.failure) == (
        1,
        (
            "2 of 4 actions failed.\n"
            f"Failed {ARRANGE}: ValueError: a bad item\n"
            f"Correct the cause, then call: manage.py deploy --once {ARRANGE}\n"
            f"Failed {AIR}: ValueError: the window is stuck\n"
            f"Correct the cause, then call: manage.py deploy --once {AIR}"
        ),
    )
    assert worked() == ["bad", "sweep", "paint", "air"]


def test_the_traceback_is_shown_where_it_is_wanted(deploy):
    Item.objects.create(name="bad")

    deploy("--one", ARRANGE, "--verbosity=2")

    assert 'raise ValueError("a bad item\\nis in the way")' in deploy.failure


def test_what_failed_waits_for_once(deploy):
    bad = Item.objects.create(name="bad")
    deploy("--auto")
    bad.delete()

    again = deploy("--auto")
    hints = deploy.errors
    once = deploy("--once", ARRANGE)

    assert again == ["No actions scheduled."]
    assert hints == [
        f"Failed before: manage.py deploy --once {ARRANGE}",
        f"Failed before: manage.py deploy --once {AIR}",
    ]
    assert once == [f"Scheduled {ARRANGE}", f"Completed {ARRANGE}"]
    assert runs() == [
        (SWEEP, "succeeded"),
        (ARRANGE, "errored"),
        (AIR, "errored"),
        (ARRANGE, "succeeded"),
    ]


def test_once_does_nothing_after_a_success(deploy):
    deploy("--once", SWEEP)

    printed = deploy("--once", SWEEP)

    assert (printed, worked()) == ([f"Already completed {SWEEP}"], ["sweep"])


def test_one_runs_again_and_keeps_the_history(deploy):
    deploy("--one", SWEEP)

    deploy("--one", SWEEP)

    assert worked() == ["sweep", "sweep"]
    assert runs() == [(SWEEP, "succeeded"), (SWEEP, "succeeded")]


def test_one_runs_any_function_of_an_installed_app(deploy):
    path = f"{BAKERY}.chores.lock_up"

    printed = deploy("--one", path)

    assert printed == [f"Scheduled {path}", f"Completed {path}"]
    assert worked() == ["lock up"]


@pytest.mark.parametrize("option", ["--one", "--once"])
def test_what_is_under_way_is_not_run_beside_itself(option, deploy, deliveries):
    deploy("--one", SWEEP)
    run = Run.objects.get()

    printed = deploy(option, SWEEP)

    if option == "--one":
        assert (deploy.exit_code, deploy.failure) == (
            1,
            (
                f'[dynschema.E505] "{SWEEP}" is already enqueued on database "default" '
                f"(run {run.pk}). Wait for it to end, or cancel it."
            ),
        )
    else:
        assert (printed, deploy.failure) == ([f"Still running {SWEEP}"], None)
    assert (Run.objects.count(), len(deliveries)) == (1, 1)


def test_skip_has_an_action_count_as_done(deploy):
    printed = deploy("--skip", ARRANGE)
    deploy("--all")

    run = Run.objects.get(name=ARRANGE)
    assert printed == [f"Skip {ARRANGE} from --all and --auto execution mode."]
    assert (run.status, run.message) == ("skipped", "Manually skipped.")
    assert worked() == ["sweep", "paint", "air"]


@pytest.mark.parametrize("before", ["--one", "--skip"])
def test_reset_has_an_action_run_again_and_keeps_the_history(before, deploy):
    deploy("--all")
    deploy(before, SWEEP)
    already = worked()

    printed = deploy("--reset", SWEEP)
    again = deploy("--auto")

    assert printed == [f"Reset {SWEEP} for --all and --auto execution mode."]
    assert again == [f"Scheduled {SWEEP}", f"Completed {SWEEP}"]
    assert worked() == [*already, "sweep"]
    of_sweep = Run.objects.filter(name=SWEEP).order_by("created_at")
    assert list(of_sweep.values_list("status", "message"))[2:] == [
        ("cancelled", "Reset."),
        ("succeeded", ""),
    ]


def test_reset_takes_a_run_from_its_worker(deploy, deliveries):
    deploy("--one", SWEEP)

    deploy("--reset", SWEEP)

    assert runs() == [(SWEEP, "cancelled")]
    assert deploy("--auto")[0] == f"Scheduled {SWEEP}"


def test_two_deployments_at_once_run_each_action_once(monkeypatch):
    monkeypatch.setattr(works, "SECONDS_BETWEEN_LOOKS", 0.05)
    barrier = Barrier(2)

    def deploy_together(_):
        try:
            connection.ensure_connection()
            barrier.wait()
            Deploy()("--auto")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(deploy_together, range(2)))

    assert sorted(worked()) == ["air", "arrange", "sweep"]
    assert Run.objects.filter(status="succeeded").count() == Run.objects.count() == 3


def test_what_another_deployment_has_done_since_is_not_done_again(deploy, monkeypatch):
    read_before = histories.all_histories()
    deploy("--auto")
    command = "dynschema.evolution.management.commands.deploy"
    monkeypatch.setattr(f"{command}.all_histories", lambda: read_before)

    printed = deploy("--auto")

    assert printed == [
        *[f"Already scheduled {path}" for path in (SWEEP, ARRANGE, AIR)],
        "No actions scheduled.",
    ]
    assert worked() == ["sweep", "arrange", "air"]


def wrong(path, reason):
    return (
        f'[dynschema.E501] There is no action named "{path}": {reason}. '
        "Deploy the code that has it, or cancel the runs that ask for it."
    )


@pytest.mark.django_db
@pytest.mark.parametrize("option", ["--one", "--once", "--skip", "--reset"])
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (
            f"{BAKERY}.post_deploy.dance",
            f"module '{BAKERY}.post_deploy' has no attribute 'dance'",
        ),
        ("nowhere.post_deploy.dance", "that is not in an installed app"),
        (f"{BAKERY}.chores.Broom", "it is a class and no function"),
        (f"{BAKERY}.chores.knead", "a call would only make a coroutine or a generator"),
        ("", "that is not in an installed app"),
    ],
)
def test_an_unknown_path_is_an_error_and_leaves_no_record(option, path, reason, deploy):
    deploy(option, path)

    assert (deploy.exit_code, deploy.failure) == (1, wrong(path, reason))
    assert Run.objects.count() == 0


@pytest.mark.django_db
def test_a_function_that_needs_arguments_is_refused(deploy):
    deploy("--one", f"{BAKERY}.chores.order")

    assert deploy.failure == (
        f'[dynschema.E504] The arguments for "{BAKERY}.chores.order" do not fit: missing a '
        "required argument: 'what'. Nothing was launched; correct them."
    )
    assert Run.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("options", [[], ["--auto", "--all"], ["--auto", "--one", SWEEP]])
def test_one_thing_at_a_time(options, deploy):
    deploy(*options)

    assert (deploy.exit_code, deploy.failure) == (
        1,
        (
            "Provide 1 todo at a time: --auto, --all, --status, --report, --todo, --uuids, --one, "
            "--once, --skip, --reset."
        ),
    )
    assert Run.objects.count() == 0


@pytest.mark.parametrize("option", ["--auto", "--status", "--todo", "--uuids"])
def test_a_missing_table_is_named_with_the_command(option, deploy):
    with without_table(Run):
        deploy(option)

    assert (deploy.exit_code, deploy.failure) == (
        1,
        (
            '[dynschema.E515] Database "default" has no table for runs, which are stored beside '
            "the data they change. Run: manage.py migrate dynschema_evolution --database=default."
        ),
    )
