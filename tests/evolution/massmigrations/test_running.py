"""The three sorts of mass migration run as durable runs; a failed row never counts as applied."""

import pytest

from dynschema.evolution import (
    MapperMigration,
    Run,
    SimpleMigration,
    cancel,
    finish,
    pause,
    resume,
)
from dynschema.evolution.exceptions import FailedItemsError
from dynschema.evolution.massmigrations.exceptions import (
    InvalidMigrationError,
    MigrationAlreadyStarted,
    NotStartedError,
)
from dynschema.evolution.massmigrations.loader import find
from dynschema.evolution.recovery import recover
from tests.evolution.runs.stock.models import Item

pytestmark = pytest.mark.django_db(transaction=True)


def apply(name):
    return find(f"shop:{name}").launch("default")


def standing(name):
    record = find(f"shop:{name}").get_migration_record("default")
    return record and (record.status(), record.is_applied, record.has_error)


def fill(*names):
    Item.objects.bulk_create(Item(name=name) for name in names)


def times():
    return list(Item.objects.order_by("pk").values_list("times", flat=True))


def test_a_simple_migration_is_one_call():
    run = apply("0001_open")

    assert (run.kind, run.name, run.status) == ("migration", "shop:0001_open", "succeeded")
    assert (run.done_count, run.total_count) == (1, 1)
    assert Item.objects.get().name == "sign"
    assert standing("0001_open") == ("APPLIED", True, False)


def test_a_simple_migration_that_fails_is_called_once(monkeypatch):
    called = []

    def fail(self, db_alias):
        called.append(db_alias)
        raise ValueError("no")

    monkeypatch.setattr(type(find("shop:0001_open")), "operation", fail)

    run = apply("0001_open")

    assert called == ["default"]
    assert (run.status, run.error_message, run.done_count) == ("errored", "no", 0)


def test_a_mapper_migration_goes_over_the_rows_in_batches():
    apply("0001_open")
    fill(*["chair"] * 24)

    run = apply("0002_count")

    assert (run.status, run.done_count, run.total_count) == ("succeeded", 25, 25)
    assert times() == [1] * 25


def test_a_mapper_migration_may_take_a_batch_at_once():
    fill(*["chair"] * 25)

    run = apply("0003_in_bulk")

    assert (run.status, run.done_count) == ("succeeded", 25)
    assert times() == [10] * 25


def test_a_custom_migration_goes_over_what_it_likes():
    run = apply("0004_by_hand")

    assert (run.status, run.done_count) == ("succeeded", 5)
    assert list(Item.objects.order_by("pk").values_list("name", flat=True)) == list("abcde")


def test_a_failed_row_stops_the_run_and_is_resumed_there():
    apply("0001_open")
    fill(*["chair"] * 14, "bad", *["chair"] * 9)
    bad = Item.objects.get(name="bad")

    run = apply("0002_count")
    before = times()
    Item.objects.filter(name="bad").update(name="good")
    resume(run)

    assert before == [1] * 15 + [0] * 10
    assert (run.status, times()) == ("succeeded", [1] * 25)
    assert standing("0002_count") == ("APPLIED", True, False)
    assert bad.pk == Item.objects.get(name="good").pk


def test_a_failed_row_never_counts_as_applied():
    apply("0001_open")
    fill("chair", "bad")

    run = apply("0002_count")

    assert standing("0002_count") == ("ERRORED", False, True)
    record = find("shop:0002_count").get_migration_record("default")
    assert record.last_error == "ValueError: it is bad"
    assert run.errored_item == f"stock.Item {Item.objects.get(name='bad').pk}"
    assert run.traceback.endswith("ValueError: it is bad\n")
    assert (record.key, record.attempt_uuid, record.initiated_at, record.applied_at) == (
        "shop:0002_count",
        run.pk,
        run.created_at,
        None,
    )


def test_skipped_rows_never_count_as_applied_until_they_are_done():
    fill(*["chair"] * 12, "bad", *["chair"] * 12)

    run = apply("0003_in_bulk")
    before = (standing("0003_in_bulk"), times())
    Item.objects.filter(name="bad").update(name="good")
    resume(run)

    assert before == (("ERRORED", False, True), [10] * 12 + [0] + [10] * 12)
    assert (standing("0003_in_bulk"), times()) == (("APPLIED", True, False), [10] * 25)


def test_a_resumed_row_that_fails_again_keeps_it_from_being_applied():
    fill("chair", "bad")
    run = apply("0003_in_bulk")

    resume(run)

    error = FailedItemsError(pk=run.pk, name=run.name, count=1)
    assert run.error_message == str(error)
    assert standing("0003_in_bulk") == ("ERRORED", False, True)


def test_a_dry_run_leaves_neither_rows_nor_a_record():
    migration = find("shop:0001_open")
    migration.options = migration.options.__class__(dry_run=True)

    run = migration.launch("default")

    assert (run.status, run.dry_run, Item.objects.count()) == ("succeeded", True, 0)
    assert standing("0001_open") is None
    assert migration.can_be_started("default")


def test_what_is_given_up_begins_again_from_the_first_row():
    apply("0001_open")
    fill("bad")
    run = apply("0002_count")

    cancel(run)
    Item.objects.filter(name="bad").update(name="good")
    again = apply("0002_count")

    assert (run.status, again.status, times()) == ("cancelled", "succeeded", [2, 1])


OVERTAKEN = """
from dynschema.evolution import SimpleMigration
from tests.evolution.runs.stock.models import Item

class Migration(SimpleMigration):
    overtaken_by = None

    def check_dependencies(self, db_alias):
        other, self.overtaken_by = self.overtaken_by, None
        if other:
            other(db_alias)

    def operation(self, db_alias):
        Item.objects.create()
"""


@pytest.mark.parametrize(("action", "rows"), [("launch", 1), ("fake", 0)])
def test_of_two_that_start_at_once_one_is_refused_even_when_the_other_is_done(
    make_app, action, rows
):
    label = make_app(m0001_slow=OVERTAKEN)
    migration = find(f"{label}:0001_slow")
    migration.overtaken_by = getattr(find(f"{label}:0001_slow"), action)

    with pytest.raises(MigrationAlreadyStarted):
        migration.launch("default")

    assert (Run.objects.count(), Item.objects.count()) == (1, rows)


@pytest.mark.parametrize(
    ("prepare", "status", "remedy"),
    [
        (
            lambda run: finish(run),
            "succeeded",
            "Nothing is to be done.",
        ),
        (
            lambda run: None,
            "enqueued",
            "Wait, or follow it: manage.py massmigrate resume shop:0001_open --database=default.",
        ),
        (
            pause,
            "paused",
            "Resume it: manage.py massmigrate resume shop:0001_open --database=default.",
        ),
        (
            lambda run: Run.objects.update(status="errored"),
            "errored",
            (
                "Correct the cause and resume it: manage.py massmigrate resume shop:0001_open "
                "--database=default. To begin again from the first row, cancel it before."
            ),
        ),
    ],
    ids=["done", "under way", "paused", "errored"],
)
def test_what_was_started_is_not_started_again(waiting, prepare, status, remedy):
    run = apply("0001_open")
    prepare(run)

    with pytest.raises(MigrationAlreadyStarted) as refused:
        apply("0001_open")

    assert str(refused.value) == (
        '[dynschema.E530] Mass migration "shop:0001_open" was started on database "default" '
        f"before: it is {status} (run {run.pk}). {remedy}"
    )
    assert Run.objects.count() == 1


# A launch of one's own


def test_whoever_launches_by_himself_says_when_it_is_finished():
    migration = find("shop:0005_elsewhere")
    migration.launch("default")
    under_way = standing("0005_elsewhere")

    migration.mark_as_finished("default")

    assert under_way == ("RUNNING", False, False)
    assert standing("0005_elsewhere") == ("APPLIED", True, False)


def test_whoever_launches_by_himself_says_at_which_error_it_ended():
    migration = find("shop:0005_elsewhere")
    run_pk = migration.mark_as_started("default")

    migration.mark_as_errored("default", ValueError("no power"))

    run = Run.objects.get()
    assert (run.pk, run.status, run.engine) == (run_pk, "errored", "manual")
    assert (run.error_class, run.error_message) == ("ValueError", "no power")


def test_whoever_was_silent_for_long_may_still_finish(settings):
    settings.DYNSCHEMA = {"evolution": {"stale_after_seconds": 60}}
    migration = find("shop:0005_elsewhere")
    migration.launch("default")
    Run.objects.update(heartbeat_at="2026-01-01T00:00Z")
    recover()
    recover()

    migration.mark_as_finished("default")

    assert standing("0005_elsewhere") == ("APPLIED", True, False)


def test_what_was_launched_elsewhere_is_never_applied_by_resuming_it():
    migration = find("shop:0005_elsewhere")
    migration.launch("default")
    migration.mark_as_errored("default", ValueError("no power"))

    resume(Run.objects.get())
    finish(Run.objects.get())

    assert standing("0005_elsewhere") == ("ERRORED", False, True)
    assert Run.objects.get().error_message == "shop:0005_elsewhere must define process()."


def test_what_was_not_begun_cannot_be_finished():
    with pytest.raises(NotStartedError) as refused:
        find("shop:0005_elsewhere").mark_as_finished("default")

    assert str(refused.value) == (
        '[dynschema.E541] Mass migration "shop:0005_elsewhere" was not started on database '
        '"default" yet. Run: manage.py massmigrate run shop:0005_elsewhere --database=default.'
    )


def test_what_no_engine_knows_is_refused_where_it_is_written():
    with pytest.raises(InvalidMigrationError) as refused:
        type("Migration", (SimpleMigration,), {"backend_method": "run_fast", "__module__": "m"})

    assert str(refused.value) == (
        '[dynschema.E536] The mass migration "m" cannot be loaded: it has a backend_method, and '
        "engines know none. Define process(), or a launch() of its own."
    )


def test_the_description_is_the_docstring_and_nobody_elses():
    assert find("shop:0002_count").description == (
        "Count every item once.\n\nThe sign counts as well."
    )
    assert type("Migration", (SimpleMigration,), {})("shop", "x").description == ""


@pytest.mark.parametrize("name", ["operation", "bulk_operation", "process"])
def test_an_asynchronous_method_is_refused(name):
    async def hurry(*args):
        """Nobody would wait for it."""

    with pytest.raises(InvalidMigrationError) as refused:
        type("Migration", (MapperMigration,), {name: hurry, "__module__": "m"})

    assert str(refused.value) == (
        f'[dynschema.E536] The mass migration "m" cannot be loaded: of {name}() a call would only '
        "make a coroutine or a generator. Define it as an ordinary function."
    )
