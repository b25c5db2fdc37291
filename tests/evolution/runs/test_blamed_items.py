"""The item that failed is blamed, and no other; what it does elsewhere is not done twice."""

import pytest

from dynschema.evolution import Options, commits, launch, register, resume
from dynschema.evolution.batches import RowSource
from dynschema.evolution.registry import FunctionWork
from tests.evolution.runs.stock.models import Item, SpecialItem, TextItem
from tests.evolution.runs.stock.works import CountInBulk, CountRows

pytestmark = pytest.mark.django_db(transaction=True)

SKIP = Options(on_error="skip")


@pytest.fixture
def items():
    """Make 25 rows of which the 14th and the 22nd are bad."""
    names = ["bad" if number in (13, 21) else f"item {number}" for number in range(25)]
    return Item.objects.bulk_create(Item(name=name) for name in names)


def times():
    return list(Item.objects.order_by("pk").values_list("times", flat=True))


# An item that is alone in its batch is known


def calls_of(monkeypatch, work, error, **attributes):
    """Have a work note its calls and fail."""
    calls = []

    def fail(self, given):
        calls.append(given)
        raise error

    for name, value in attributes.items():
        monkeypatch.setattr(work, name, value)
    monkeypatch.setattr(work, "process_batch" if work.is_bulk else "process", fail)
    return calls


@pytest.mark.parametrize("atomic", [True, False], ids=["atomic", "not atomic"])
@pytest.mark.parametrize("work", [CountRows, CountInBulk])
def test_the_only_item_of_a_batch_is_not_processed_again_when_it_fails(work, atomic, monkeypatch):
    item = Item.objects.create()
    calls = calls_of(monkeypatch, work, ValueError("no"), atomic=atomic)

    run = launch(work)

    assert len(calls) == 1
    assert (run.status, run.done_count, run.cursor) == ("errored", 0, [])
    assert (run.error_message, run.errored_item) == ("no", f"stock.Item {item.pk}")


@pytest.mark.parametrize("atomic", [True, False], ids=["atomic", "not atomic"])
@pytest.mark.parametrize("work", [CountRows, CountInBulk])
def test_the_only_item_of_a_batch_is_not_processed_again_when_it_is_skipped(
    work, atomic, monkeypatch
):
    item = Item.objects.create()
    calls = calls_of(monkeypatch, work, ValueError("no"), atomic=atomic)

    run = launch(work, options=SKIP)

    assert len(calls) == 1
    assert (run.status, run.done_count, run.failed_count) == ("errored", 0, 1)
    assert [(each.position, each.error_message) for each in run.failures.all()] == [
        ([item.pk], "no")
    ]


@pytest.mark.parametrize("atomic", [True, False], ids=["atomic", "not atomic"])
def test_a_function_that_fails_is_called_once(atomic, monkeypatch):
    called = []

    def send_mail():
        called.append("sent")
        raise ValueError("no such person")

    monkeypatch.setattr(FunctionWork, "atomic", atomic)
    register("send-mail")(send_mail)

    run = launch("send-mail")

    assert called == ["sent"]
    assert (run.status, run.error_message) == ("errored", "no such person")


def test_the_only_item_that_only_the_commit_refuses_is_not_processed_again(monkeypatch):
    item, calls = Item.objects.create(), []

    def refer(self, item):
        calls.append(item.pk)
        SpecialItem(item_ptr_id=item.pk + 1_000).save_base(raw=True)

    monkeypatch.setattr(CountRows, "process", refer)

    run = launch(CountRows)

    assert calls == [item.pk]
    assert (run.status, run.error_class, run.errored_item) == (
        "errored",
        "django.db.utils.IntegrityError",
        f"stock.Item {item.pk}",
    )


# What others do between a failure and what the run does about it


@pytest.fixture
def meanwhile(monkeypatch):
    """Have something happen once, after a batch has failed and been undone."""

    def arrange(work, happen):
        waiting = [happen]

        def retries(work):
            while waiting and not work.run._state.adding:
                waiting.pop()()
            return 0

        monkeypatch.setattr(work, "retries", property(retries))

    return arrange


TEXT_ITEMS = {"model": "TextItem"}


def times_of_texts():
    return dict(TextItem.objects.values_list("name", "times"))


def test_the_run_stops_at_the_item_that_failed_though_another_came_before_it(meanwhile):
    TextItem.objects.create(name="bad")
    meanwhile(CountRows, lambda: TextItem.objects.create(name="a new one"))

    run = launch(CountRows, TEXT_ITEMS)
    stopped = (run.status, run.done_count, run.cursor, run.errored_item)
    resume(run)

    assert stopped == ("errored", 0, [], "stock.TextItem bad")
    assert (run.status, run.done_count, run.errored_item) == (
        "errored", 1, "stock.TextItem bad"
    )  # fmt: skip
    assert times_of_texts() == {"a new one": 1, "bad": 0}


def test_the_item_that_failed_is_skipped_though_another_came_before_it(meanwhile):
    TextItem.objects.create(name="bad")
    meanwhile(CountRows, lambda: TextItem.objects.create(name="a new one"))

    run = launch(CountRows, TEXT_ITEMS, options=SKIP)

    assert (run.status, run.done_count, run.failed_count) == ("errored", 0, 1)
    assert (run.cursor, [each.item for each in run.failures.all()]) == (
        ["bad"], ["stock.TextItem bad"]
    )  # fmt: skip


@pytest.mark.parametrize("on_error", ["stop", "skip"])
@pytest.mark.parametrize("work", [CountRows, CountInBulk])
def test_no_other_item_is_blamed_when_the_one_that_failed_is_deleted(
    work, on_error, items, meanwhile
):
    Item.objects.exclude(pk__in=[items[13].pk, items[14].pk]).delete()
    meanwhile(work, Item.objects.filter(pk=items[13].pk).delete)

    run = launch(work, options=Options(batch_size=1, on_error=on_error))
    failed = (run.status, run.done_count, run.errored_item)
    positions = [each.position for each in run.failures.all()]
    resume(run)

    assert (*failed, positions) == {
        "stop": ("errored", 0, f"stock.Item {items[13].pk}", []),
        "skip": ("errored", 1, "", [[items[13].pk]]),
    }[on_error]
    assert (times(), run.status, run.done_count, run.failed_count) == ([1], "succeeded", 1, 0)


@pytest.fixture
def refused_begin(monkeypatch):
    """Have the database refuse to begin one transaction, of which the number is given."""

    def arrange(number):
        begun, waiting = commits.begun, [None] * (number - 1) + [ConnectionError("no answer")]

        def begin(using):
            error = waiting.pop(0) if waiting else None
            if error:
                raise error
            return begun(using)

        monkeypatch.setattr(commits, "begun", begin)

    return arrange


def test_no_item_is_blamed_for_what_happens_before_it_is_tried(items, refused_begin):
    refused_begin(3)

    run = launch(CountRows, options=Options(batch_size=1, on_error="skip"))

    assert (run.status, run.done_count, times().count(1)) == ("errored", 23, 23)
    assert [each.error_message for each in run.failures.all()] == [
        f"bad of {items[number].pk}" for number in (13, 21)
    ]


def test_an_item_that_failed_before_keeps_its_error_when_it_cannot_even_be_tried_again(
    items, refused_begin
):
    run = launch(CountRows, options=SKIP)
    refused_begin(1)
    resume(run)
    hindered = (run.status, run.failed_count, run.error_message)
    errors = [each.error_message for each in run.failures.all()]
    Item.objects.filter(name="bad").update(name="good")
    resume(run)

    assert hindered == ("errored", 2, "no answer")
    assert errors == [f"bad of {items[number].pk}" for number in (13, 21)]
    assert (run.status, run.done_count, run.failed_count) == ("succeeded", 25, 0)


def test_an_item_that_failed_before_and_cannot_be_read_now_does_not_keep_others_waiting(
    items, monkeypatch
):
    def one(self, position):
        if position == [items[13].pk]:
            raise LookupError("unreadable")
        return read(self, position)

    run = launch(CountRows, options=SKIP)
    Item.objects.filter(name="bad").update(name="good")
    read = RowSource.one
    monkeypatch.setattr(RowSource, "one", one)
    resume(run)

    assert (run.status, run.done_count, run.failed_count) == ("errored", 24, 1)
    assert [(each.position, each.error_message) for each in run.failures.all()] == [
        ([items[13].pk], "unreadable")
    ]


# The instances that a work is given are its own


def delete_it(item):
    item.delete()


def give_it_another_key(item):
    item.pk += 1_000
    item.save()


@pytest.mark.parametrize("change", [delete_it, give_it_another_key])
def test_items_are_known_by_the_keys_they_came_with(change, items, monkeypatch):
    def process(self, item):
        change(item)
        if item.name == "bad":
            raise ValueError("no")

    monkeypatch.setattr(CountRows, "process", process)

    run = launch(CountRows, options=SKIP)

    bad = [items[13].pk, items[21].pk]
    assert (run.status, run.done_count, run.failed_count) == ("errored", 23, 2)
    assert [each.position for each in run.failures.all()] == [[pk] for pk in bad]
    assert [each.item for each in run.failures.all()] == [f"stock.Item {pk}" for pk in bad]
    assert run.cursor == [items[24].pk]


# A batch in the bulk form is one item as long as the run is to stop at it


@pytest.mark.parametrize("atomic", [True, False], ids=["atomic", "not atomic"])
def test_a_bulk_batch_at_which_the_run_stops_is_processed_once(atomic, items, monkeypatch):
    calls = calls_of(monkeypatch, CountInBulk, ValueError("no"), atomic=atomic)

    run = launch(CountInBulk)

    assert len(calls) == 1
    assert (run.status, run.done_count, run.cursor) == ("errored", 0, [])
    assert (run.error_message, run.errored_item) == ("no", f"stock.Item {items[9].pk}")
