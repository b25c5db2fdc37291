"""`manage.py massmigrate` shows, runs and controls mass migrations, and fails when they do."""

import io
import re

import pytest
from django.core.management import CommandError, call_command

from dynschema.evolution import Run
from dynschema.evolution.massmigrations.loader import find
from tests.evolution.runs.stock.models import Item

pytestmark = pytest.mark.django_db(transaction=True)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def massmigrate(*arguments, stdout=None):
    """Give what is printed, without what differs from run to run."""
    stdout = stdout or io.StringIO()
    call_command("massmigrate", *arguments, stdout=stdout)
    without_speed = re.sub(r", [\d,]+/s(, \d+ s left)?", "", stdout.getvalue())
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", without_speed)


def refused(*arguments):
    with pytest.raises(CommandError) as error:
        massmigrate(*arguments)
    return str(error.value), error.value.returncode


def fill(*names):
    Item.objects.bulk_create(Item(name=name) for name in names)


# Looking


def test_all_are_listed_in_their_order():
    massmigrate("run", "shop:0001_open")
    massmigrate("fake", "shop:0004_by_hand")

    assert massmigrate() == (
        "[X] shop:0001_open on default: applied\n"
        "[ ] shop:0002_count on default: not run\n"
        "[ ] shop:0003_in_bulk on default: not run\n"
        "[X] shop:0004_by_hand on default: applied, faked\n"
        "[ ] shop:0005_elsewhere on default: not run\n"
    )
    assert massmigrate() == massmigrate("list")


def test_a_database_may_be_named_without_a_command():
    assert massmigrate("--database=default") == massmigrate("list", "--database=default")
    assert refused("--database=nope") == (
        'There is no database "nope"; the settings name default.',
        1,
    )


def test_a_database_may_be_named_before_a_command():
    massmigrate("--database=default", "run", "shop:0001_open")

    assert massmigrate("--database=default", "list", "shop:0001_open") == (
        "[X] shop:0001_open on default: applied\n"
    )
    assert refused("--database=nope", "run", "shop:0001_open") == (
        'There is no database "nope"; the settings name default.',
        1,
    )


def test_the_status_tells_all_that_is_known():
    massmigrate("run", "shop:0001_open")
    fill("bad")
    refused("run", "shop:0002_count")

    lines = massmigrate("status", "shop:0002_count").splitlines()

    assert lines[:5] == [
        "[ ] shop:0002_count on default: errored",
        "    Count every item once.",
        "    after shop:0001_open",
        "    run UUID, 1 of 2 items (50%)",
        f"    stopped at stock.Item {Item.objects.get(name='bad').pk}",
    ]
    assert (lines[5], lines[-1]) == (
        "    Traceback (most recent call last):",
        "    ValueError: it is bad",
    )


def test_the_status_names_the_first_rows_that_failed():
    fill(*["bad"] * 12)
    refused("run", "shop:0003_in_bulk")

    lines = massmigrate("status", "shop:0003_in_bulk").splitlines()

    failed = [line for line in lines if line.startswith("    failed: ")]
    first = Item.objects.order_by("pk").first()
    assert failed[0] == f"    failed: stock.Item {first.pk}: ValueError: there is a bad one"
    assert (len(failed), lines[-1]) == (10, "    and 2 more")


@pytest.mark.parametrize("command", [["--check"], ["list", "--check"], ["status", "--check"]])
def test_a_check_fails_while_any_is_not_applied(command):
    massmigrate("run", "shop:0001_open")
    failure = refused(*command)
    for number in ("0002_count", "0003_in_bulk", "0004_by_hand", "0005_elsewhere"):
        massmigrate("fake", f"shop:{number}")

    massmigrate(*command)

    assert failure == ("Not applied yet: 4 of 5.", 1)


def test_a_check_may_be_about_some():
    massmigrate("run", "shop:0001_open")

    massmigrate("list", "--check", "shop:0001_open")

    assert refused("list", "--check", "shop:0002_count") == ("Not applied yet: 1 of 1.", 1)


# Running


def test_one_is_run_here_and_now():
    massmigrate("run", "shop:0001_open")
    fill(*["chair"] * 24)

    assert massmigrate("run", "shop:0002_count") == (
        "shop:0002_count: running, 10 of 25 items (40%)\n"
        "shop:0002_count: succeeded, 25 of 25 items (100%)\n"
    )
    assert set(Item.objects.values_list("times", flat=True)) == {1}
    assert Run.objects.get(name="shop:0002_count").triggered_by.startswith(
        "manage.py massmigrate run ("
    )


def test_one_is_run_here_and_now_whatever_its_engine(waiting):
    assert massmigrate("run", "shop:0001_open").endswith(
        "shop:0001_open: succeeded, 1 of 1 items (100%)\n"
    )


def test_a_terminal_shows_a_bar():
    shown = massmigrate("run", "shop:0001_open", stdout=Terminal())

    assert shown == (
        "\r\x1b[2Kshop:0001_open [########################] 1 of 1 items (100%)"
        "\r\x1b[2Kshop:0001_open: succeeded, 1 of 1 items (100%)\n"
    )


def test_a_run_that_fails_exits_with_1():
    massmigrate("run", "shop:0001_open")
    fill("bad")

    assert refused("run", "shop:0002_count") == (
        "shop:0002_count is errored: ValueError: it is bad",
        1,
    )
    assert refused("resume", "shop:0002_count") == (
        "shop:0002_count is errored: ValueError: it is bad",
        1,
    )


ENDS = """
import sys
from dynschema.evolution import SimpleMigration

class Migration(SimpleMigration):
    def operation(self, db_alias):
        sys.exit(0)
"""


def test_one_that_ends_its_process_does_not_exit_with_0(make_app):
    label = make_app(m0001_first=ENDS)

    message, code = refused("run", f"{label}:0001_first")

    assert (code, Run.objects.get().status) == (1, "interrupted")
    assert message == (
        "[dynschema.E518] Work wanted to end this process (sys.exit, 0); what it was at is "
        "undone. Have it raise an error instead, and call the command again."
    )


def test_an_errored_one_is_resumed():
    massmigrate("run", "shop:0001_open")
    fill("bad")
    refused("run", "shop:0002_count")
    Item.objects.update(name="good")

    shown = massmigrate("resume", "shop:0002_count")

    assert shown.endswith("shop:0002_count: succeeded, 2 of 2 items (100%)\n")
    assert set(Item.objects.values_list("times", flat=True)) == {1}


def test_all_are_run_in_the_order_of_their_dependencies():
    massmigrate("fake", "shop:0005_elsewhere")

    massmigrate("run", "--all")

    assert massmigrate("--check").count("[X]") == 5


def test_a_dry_run_leaves_nothing():
    shown = massmigrate("run", "--dry-run", "shop:0001_open")

    assert shown.endswith("shop:0001_open: succeeded, 1 of 1 items (100%)\n")
    assert (Item.objects.count(), refused("--check")[1]) == (0, 1)


def test_what_is_refused_is_told_without_a_traceback():
    assert refused("run", "shop:0002_count") == (
        (
            '[dynschema.E531] Mass migration "shop:0002_count" depends on "shop:0001_open", which '
            'is not applied to database "default". Run that first: manage.py massmigrate run '
            "shop:0001_open --database=default."
        ),
        1,
    )


@pytest.mark.parametrize("arguments", [["run"], ["run", "--all", "shop:0001_open"]])
def test_either_names_or_all_are_given(arguments):
    assert refused(*arguments) == ("Name mass migrations as APP:NAME, or say --all.", 1)


# Controlling


def test_a_run_is_paused_resumed_and_cancelled(waiting):
    find("shop:0001_open").launch("default")

    paused = massmigrate("pause", "shop:0001_open")
    cancelled = massmigrate("cancel", "shop:0001_open")

    assert (paused, cancelled) == ("shop:0001_open: paused\n", "shop:0001_open: cancelled\n")
    assert Item.objects.count() == 0


def test_a_paused_run_is_resumed_here_and_now(waiting):
    find("shop:0001_open").launch("default")
    massmigrate("pause", "shop:0001_open")

    massmigrate("resume", "shop:0001_open")

    assert (Item.objects.count(), Run.objects.get().status) == (1, "succeeded")


def test_what_is_under_way_is_joined_by_resuming_it(waiting):
    find("shop:0001_open").launch("default")

    massmigrate("resume", "shop:0001_open")

    assert (Item.objects.count(), Run.objects.get().status) == (1, "succeeded")


@pytest.mark.parametrize("command", ["pause", "resume", "cancel"])
def test_what_was_not_started_cannot_be_controlled(command):
    assert refused(command, "shop:0001_open") == (
        (
            '[dynschema.E541] Mass migration "shop:0001_open" was not started on database '
            '"default" yet. Run: manage.py massmigrate run shop:0001_open --database=default.'
        ),
        1,
    )


def test_all_that_can_be_controlled_is(waiting):
    find("shop:0001_open").launch("default")
    find("shop:0004_by_hand").launch("default")

    massmigrate("pause", "--all")
    paused = sorted(Run.objects.values_list("name", "status"))
    massmigrate("resume", "--all")

    assert paused == [("shop:0001_open", "paused"), ("shop:0004_by_hand", "paused")]
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}


def test_what_is_under_way_is_not_faked(waiting):
    run = find("shop:0001_open").launch("default")

    assert refused("fake", "shop:0001_open") == (
        (
            '[dynschema.E530] Mass migration "shop:0001_open" was started on database "default" '
            f"before: it is enqueued (run {run.pk}). Wait, or follow it: manage.py massmigrate "
            "resume shop:0001_open --database=default."
        ),
        1,
    )


def test_an_errored_one_may_be_faked():
    massmigrate("run", "shop:0001_open")
    fill("bad")
    refused("run", "shop:0002_count")

    massmigrate("fake", "shop:0002_count")

    assert massmigrate("list", "shop:0002_count") == (
        "[X] shop:0002_count on default: applied, faked\n"
    )


def test_what_launches_itself_is_shown_as_it_stands(settings):
    settings.DYNSCHEMA = {"evolution": {"stale_after_seconds": 60}}
    migration = find("shop:0005_elsewhere")
    migration.launch("default")
    migration.mark_as_errored("default", OSError("no power"))

    assert massmigrate("list", "shop:0005_elsewhere") == (
        "[ ] shop:0005_elsewhere on default: errored\n"
    )


# What is not there any more


@pytest.fixture
def renamed(waiting):
    """Leave the runs of two migrations whose files have other names by now."""
    for name in ("0001_open", "0003_in_bulk"):
        find(f"shop:{name}").launch("default")
    Run.objects.filter(name="shop:0001_open").update(name="shop:0001_half", active_key="half")
    return "shop:0001_half"


def test_the_run_of_a_migration_that_is_gone_is_paused_and_cancelled(renamed):
    assert massmigrate("pause", renamed) == f"{renamed}: paused\n"
    assert massmigrate("cancel", renamed) == f"{renamed}: cancelled\n"
    assert Run.objects.get(name=renamed).status == "cancelled"


def test_all_runs_are_cancelled_those_of_migrations_that_are_gone_too(renamed):
    assert massmigrate("cancel", "--all") == (
        f"shop:0003_in_bulk: cancelled\n{renamed}: cancelled\n"
    )
    assert massmigrate("cancel", "--all") == ""


def test_a_run_without_its_code_cannot_be_resumed(renamed):
    told, exit_code = refused("resume", renamed)

    assert told.startswith(f'[dynschema.E535] There is no mass migration "{renamed}"; ')
    assert (exit_code, Run.objects.get(name=renamed).status) == (1, "enqueued")


def test_a_name_without_a_run_cannot_be_cancelled():
    told, exit_code = refused("cancel", "shop:0001_half")

    assert told.startswith('[dynschema.E535] There is no mass migration "shop:0001_half"; ')
    assert exit_code == 1
