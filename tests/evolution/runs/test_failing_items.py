"""An item that fails stops the run, or is recorded and skipped; nothing failed counts as done."""

from contextlib import suppress

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from dynschema.evolution import Options, Run, launch, resume
from dynschema.evolution.models import RunFailure
from tests.evolution.runs.stock.models import Item, SpecialItem
from tests.evolution.runs.stock.works import CountInBulk, CountNames, CountRows

pytestmark = pytest.mark.django_db(transaction=True)

SKIP = Options(on_error="skip")


@pytest.fixture
def items():
    """Make 25 rows of which the 14th and the 22nd are bad."""
    names = ["bad" if number in (13, 21) else f"item {number}" for number in range(25)]
    return Item.objects.bulk_create(Item(name=name) for name in names)


def times():
    return list(Item.objects.order_by("pk").values_list("times", flat=True))


def repair():
    Item.objects.filter(name="bad").update(name="good")


def test_the_run_stops_at_the_item_and_what_came_before_is_kept(items):
    run = launch(CountRows)

    assert times() == [1] * 13 + [0] * 12
    assert (run.status, run.done_count, run.cursor) == ("errored", 13, [items[12].pk])
    assert (run.error_class, run.error_message) == ("ValueError", f"bad of {items[13].pk}")
    assert run.errored_item == f"stock.Item {items[13].pk}"
    assert run.traceback.startswith("Traceback")
    assert "works.py" in run.traceback
    assert list(Run.objects.done()) == []


def test_a_resumed_run_goes_on_at_the_item_that_failed(items):
    run = launch(CountRows)
    Item.objects.filter(pk=items[13].pk).update(name="good")

    resume(run)
    stopped_again = (run.status, run.done_count, run.errored_item)
    repair()
    resume(run)

    assert stopped_again == ("errored", 21, f"stock.Item {items[21].pk}")
    assert times() == [1] * 25
    assert (run.status, run.done_count, run.error_message) == ("succeeded", 25, "")
    assert list(Run.objects.done()) == [run]


def test_skipped_items_are_recorded_and_the_run_does_not_count_as_done(items):
    run = launch(CountRows, options=SKIP)

    assert times() == [0 if number in (13, 21) else 1 for number in range(25)]
    assert (run.status, run.done_count, run.failed_count) == ("errored", 23, 2)
    assert run.error_message == (
        f'[dynschema.E510] 2 of the items of "{run.name}" failed; the others are done '
        f"(run {run.pk}). Correct the causes, then resume the run: only the failed items are "
        "tried again."
    )
    assert [(each.position, each.item, str(each)) for each in run.failures.all()] == [
        ([pk], f"stock.Item {pk}", f"stock.Item {pk}: ValueError: bad of {pk}")
        for pk in (items[13].pk, items[21].pk)
    ]
    assert list(Run.objects.done()) == []


def test_a_resumed_run_tries_only_the_failed_items_again(items, short_slices):
    run = launch(CountRows, options=SKIP)
    Item.objects.filter(pk=items[13].pk).update(name="good")

    resume(run)
    after_one = (run.status, run.done_count, run.failed_count, run.failures.count())
    repair()
    resume(run)

    assert after_one == ("errored", 24, 1, 1)
    assert times() == [1] * 25
    assert (run.status, run.done_count, run.failed_count) == ("succeeded", 25, 0)
    assert not RunFailure.objects.exists()


@pytest.mark.parametrize("work", [CountRows, CountInBulk])
def test_a_failed_item_that_was_deleted_is_no_failure(items, work):
    run = launch(work, options=SKIP)
    Item.objects.filter(name="bad").delete()

    resume(run)

    assert times() == [1] * 23
    assert (run.status, run.done_count, run.failed_count) == ("succeeded", 23, 0)


def test_a_bulk_batch_is_cut_up_until_the_bad_rows_are_found(items):
    run = launch(CountInBulk, options=SKIP)

    assert times() == [0 if number in (13, 21) else 1 for number in range(25)]
    assert (run.status, run.done_count, run.failed_count) == ("errored", 23, 2)
    assert [each.position for each in run.failures.all()] == [[items[13].pk], [items[21].pk]]
    assert run.batch_size == 10


@pytest.mark.parametrize("only_at_the_commit", [False, True], ids=["at once", "at the commit"])
def test_the_search_for_bad_rows_is_not_begun_anew_with_each_slice(
    only_at_the_commit, items, monkeypatch, short_slices
):
    if only_at_the_commit:
        monkeypatch.setattr(CountInBulk, "process_batch", refer_in_bulk)

    run = launch(CountInBulk, options=SKIP)

    assert times() == [0 if number in (13, 21) else 1 for number in range(25)]
    assert (run.status, run.done_count, run.failed_count) == ("errored", 23, 2)


def test_a_bulk_batch_that_fails_is_undone_and_tried_again_after_resuming(items):
    run = launch(CountInBulk)
    before = (times(), run.status, run.done_count, run.errored_item)
    repair()

    resume(run)

    assert before == ([1] * 10 + [0] * 15, "errored", 10, f"stock.Item {items[19].pk}")
    assert times() == [1] * 25
    assert (run.status, run.done_count) == ("succeeded", 25)


def test_an_item_of_a_list_is_named(items):
    run = launch(CountNames, {"names": ["item 1", "nobody", "item 2"]})

    assert (run.status, run.done_count, run.errored_item) == ("errored", 1, "'nobody'")


def test_a_dry_run_changes_nothing_but_finds_what_would_fail(items):
    run = launch(CountRows, options=Options(on_error="skip", dry_run=True))

    assert times() == [0] * 25
    assert (run.status, run.done_count, run.failed_count) == ("errored", 23, 2)


def test_a_dry_run_that_succeeds_does_not_count_as_done(items):
    repair()

    run = launch(CountRows, options=Options(dry_run=True))

    assert times() == [0] * 25
    assert (run.status, run.done_count) == ("succeeded", 25)
    assert list(Run.objects.done()) == []


def test_without_transactions_the_run_still_stops_at_the_item(items, monkeypatch):
    monkeypatch.setattr(CountRows, "atomic", False)

    run = launch(CountRows)
    before = (run.status, run.done_count, run.errored_item, times())
    Item.objects.filter(name="bad").update(name="good", times=0)
    resume(run)

    assert before == (
        "errored", 13, f"stock.Item {items[13].pk}", [1] * 13 + [99] + [0] * 11
    )  # fmt: skip
    assert (run.status, run.done_count, times()) == ("succeeded", 25, [1] * 25)


class MuteError(Exception):
    def __str__(self):
        raise AttributeError("no code")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("a\x00b"), "a\\x00b"),
        (FileNotFoundError("caf\udce9.csv"), "caf\\udce9.csv"),
        (MuteError(), "its message could not be read (AttributeError('no code'))"),
    ],
    ids=["zero byte", "broken file name", "no message"],
)
def test_an_error_can_be_stored_whatever_it_says(error, message, monkeypatch, items):
    def fail(self, item):
        raise error

    monkeypatch.setattr(CountRows, "process", fail)

    run = launch(CountRows)

    assert (run.status, run.error_message) == ("errored", message)


class Nameless:
    def __repr__(self):
        raise AttributeError("no name")


def test_an_item_that_cannot_say_what_it_is_fails_as_any_other(monkeypatch):
    monkeypatch.setattr(CountNames, "items", lambda _: [Nameless(), Nameless()])
    monkeypatch.setattr(CountNames, "process", lambda _self, _item: 1 / 0)

    run = launch(CountNames, {"names": []}, options=SKIP)

    assert (run.status, run.failed_count) == ("errored", 2)
    assert [(each.item, each.error_message) for each in run.failures.all()] == [
        ("a Nameless that cannot be shown (AttributeError('no name'))", "division by zero")
    ] * 2


def test_an_error_of_the_database_is_pinned_to_its_item(items, monkeypatch):
    def break_a_rule(self, item):
        Item.objects.create(pk=item.pk if item.pk == items[3].pk else None)

    monkeypatch.setattr(CountRows, "process", break_a_rule)

    run = launch(CountRows)

    assert (run.status, run.done_count) == ("errored", 3)
    assert run.errored_item == f"stock.Item {items[3].pk}"
    assert run.error_class == "django.db.utils.IntegrityError"
    assert Item.objects.count() == 28


# An error that somebody catches breaks the transaction around all the same


SWALLOWED = (
    '[dynschema.E523] "{name}" has caught an error of the database, and what was done before '
    "in the same transaction can only be undone since then. Put `with transaction.atomic():` "
    "around what may fail, then resume the run."
)


@pytest.fixture
def swallowing(items, monkeypatch):
    """Have bad rows break a rule, and nobody told."""
    with_times = CountRows.process

    def break_a_rule(self, item):
        is_bad, item.name = item.name == "bad", "fine"
        with_times(self, item)
        if is_bad:
            with suppress(IntegrityError):
                Item.objects.create(pk=item.pk)

    monkeypatch.setattr(CountRows, "process", break_a_rule)
    return items


@pytest.mark.parametrize("size", [1, 10])
@pytest.mark.parametrize("dry_run", [False, True], ids=["real", "dry"])
def test_an_item_that_would_be_undone_in_silence_has_failed(swallowing, size, dry_run):
    run = launch(CountRows, options=Options(on_error="skip", batch_size=size, dry_run=dry_run))

    done = 0 if dry_run else 1
    assert times() == [0 if number in (13, 21) else done for number in range(25)]
    assert (run.status, run.done_count, run.failed_count) == ("errored", 23, 2)
    assert [(each.position, each.error_message) for each in run.failures.all()] == [
        ([swallowing[number].pk], SWALLOWED.format(name=run.name)) for number in (13, 21)
    ]


def test_an_item_that_would_be_undone_in_silence_fails_again_when_it_is_tried_again(swallowing):
    run = launch(CountRows, options=SKIP)

    resume(run)

    assert (run.status, run.done_count, run.failed_count) == ("errored", 23, 2)


def test_an_error_that_is_caught_in_a_transaction_of_its_own_is_none(items, monkeypatch):
    def process(self, item):
        Item.objects.filter(pk=item.pk).update(times=1)
        with suppress(IntegrityError), transaction.atomic():
            Item.objects.create(pk=item.pk)

    monkeypatch.setattr(CountRows, "process", process)

    run = launch(CountRows)

    assert (run.status, run.done_count, times()) == ("succeeded", 25, [1] * 25)


# Deferred constraints are checked at the commit only, when all items have seemed to be well


@pytest.fixture
def dangling(items, monkeypatch):
    """Have a bad row refer to one that does not exist."""
    with_times = CountRows.process

    def refer(self, item):
        if item.name == "bad":
            SpecialItem(item_ptr_id=item.pk + 1_000).save_base(raw=True)
            item.name = "fine so far"
        with_times(self, item)

    monkeypatch.setattr(CountRows, "process", refer)
    return items


def test_an_item_that_only_the_commit_refuses_stops_the_run(dangling):
    run = launch(CountRows)

    assert times() == [1] * 13 + [0] * 12
    assert (run.status, run.done_count, run.cursor) == ("errored", 13, [dangling[12].pk])
    assert (run.error_class, run.errored_item) == (
        "django.db.utils.IntegrityError",
        f"stock.Item {dangling[13].pk}",
    )


def test_an_item_that_only_the_commit_refuses_is_skipped_and_tried_again(dangling):
    run = launch(CountRows, options=SKIP)
    skipped = (times(), run.status, run.done_count, [each.position for each in run.failures.all()])

    resume(run)
    again = (run.status, run.done_count, run.failed_count, run.failures.count())
    repair()
    resume(run)

    assert skipped == (
        [0 if number in (13, 21) else 1 for number in range(25)],
        "errored",
        23,
        [[dangling[13].pk], [dangling[21].pk]],
    )
    assert again == ("errored", 23, 2, 2)
    assert times() == [1] * 25
    assert (run.status, run.done_count, run.failed_count) == ("succeeded", 25, 0)


def refer_in_bulk(self, batch):
    batch.update(times=F("times") + 1)
    for item in batch.filter(name="bad"):
        SpecialItem(item_ptr_id=item.pk + 1_000).save_base(raw=True)


def test_a_bulk_batch_that_only_the_commit_refuses_is_cut_up(items, monkeypatch):
    monkeypatch.setattr(CountInBulk, "process_batch", refer_in_bulk)

    run = launch(CountInBulk)

    assert times() == [1] * 13 + [0] * 12
    assert (run.status, run.done_count) == ("errored", 13)
    assert run.errored_item == f"stock.Item {items[13].pk}"


# What follows a commit comes too late to undo anything


@pytest.mark.parametrize("options", [Options(), SKIP], ids=["stop", "skip"])
@pytest.mark.parametrize("work", [CountRows, CountInBulk])
def test_a_batch_is_not_repeated_when_what_follows_its_commit_fails(
    work, options, items, monkeypatch
):
    def call_a_broker():
        raise ConnectionError("nobody listens")

    def process_and_tell(self, batch):
        process(self, batch)
        if self.run.done_count == 10:
            transaction.on_commit(call_a_broker)

    repair()
    process = work.process_batch
    monkeypatch.setattr(work, "process_batch", process_and_tell)

    run = launch(work, options=options)
    before = (run.status, run.done_count, times())
    resume(run)

    assert before == ("errored", 20, [1] * 20 + [0] * 5)
    assert (run.status, run.done_count, times()) == ("succeeded", 25, [1] * 25)


def test_what_follows_a_commit_fails_with_a_message(items, monkeypatch):
    def process(self, item):
        transaction.on_commit(lambda: Item.objects.get(name="nobody"))

    monkeypatch.setattr(CountRows, "process", process)

    run = launch(CountRows)

    assert run.error_message == (
        f'[dynschema.E519] A batch of "{run.name}" is committed, but what was to follow the commit '
        "(on_commit) failed: DoesNotExist('Item matching query does not exist.'). See to what has "
        "not happened, then resume the run: it goes on behind the batch."
    )
    assert "DoesNotExist" in run.traceback
