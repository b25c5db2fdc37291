"""Batches are cut by primary key; what has no keys to follow is refused."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynschema.evolution import Options, QuerySetWork, launch, register
from dynschema.evolution.batches import BulkSource, ListSource, RowSource
from dynschema.evolution.exceptions import InvalidQuerySetError
from tests.evolution.runs.stock.models import Item, Pair, PairItem, PlaceItem, TimeItem, UuidItem
from tests.evolution.runs.stock.works import CountInBulk, CountRows

REMEDY = (
    "Batches follow the primary key: return an unsliced queryset of one model that skips no rows."
)


@pytest.mark.parametrize(
    ("queryset", "reason"),
    [
        (Item.objects.all()[:5], "is sliced"),
        (Item.objects.all().union(Item.objects.all()), "is a union"),
        (Item.objects.values("name"), "gives values and no rows"),
        (Item.objects.distinct("name"), "is distinct on some fields"),
        (
            Item.objects.select_for_update(skip_locked=True),
            "skips locked rows, which nobody would come back to",
        ),
    ],
)
def test_a_queryset_without_keys_is_refused(queryset, reason):
    with pytest.raises(InvalidQuerySetError) as refused:
        RowSource(queryset)

    assert str(refused.value) == (
        f'[dynschema.E511] The queryset of "stock.Item" {reason}. {REMEDY}'
    )


@pytest.mark.django_db(transaction=True)
def test_a_work_with_such_a_queryset_is_errored_before_anything_happens():
    @register("first-five")
    class FirstFive(QuerySetWork):
        def get_queryset(self):
            return Item.objects.all()[:5]

    run = launch(FirstFive)

    assert (run.status, run.done_count) == ("errored", 0)
    assert run.error_message == f'[dynschema.E511] The queryset of "stock.Item" is sliced. {REMEDY}'


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", [CountRows, CountInBulk])
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (None, "is None"),
        ([], "is a list"),
        (iter([]), "is a list_iterator"),
        (Item, "is the class Item"),
        (Item.objects.raw("SELECT * FROM stock_item"), "is a RawQuerySet"),
    ],
    ids=["nothing", "list", "iterator", "model", "raw"],
)
def test_what_is_no_queryset_is_refused(work, given, reason, monkeypatch):
    monkeypatch.setattr(work, "get_queryset", lambda _: given)

    run = launch(work)

    assert (run.status, run.done_count) == ("errored", 0)
    assert run.error_message == f'[dynschema.E511] The queryset of "{run.name}" {reason}. {REMEDY}'


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", [CountRows, CountInBulk])
def test_a_manager_stands_for_all_its_rows(work, monkeypatch):
    Item.objects.create()
    monkeypatch.setattr(work, "get_queryset", lambda _: Item.objects)

    run = launch(work)

    assert (run.status, run.done_count, Item.objects.get().times) == ("succeeded", 1, 1)


@pytest.mark.django_db(transaction=True)
def test_rows_may_be_locked_without_waiting(monkeypatch):
    """A lock is an error then, which is tried again; no row is left out."""
    Item.objects.create()
    locking = Item.objects.select_for_update(nowait=True)
    monkeypatch.setattr(CountRows, "get_queryset", lambda _: locking)

    run = launch(CountRows)

    assert (run.status, run.done_count, Item.objects.get().times) == ("succeeded", 1, 1)


@given(st.lists(st.integers()), st.integers(1, 7))
def test_the_batches_of_a_list_are_the_list(items, size):
    source, found, after = ListSource(items), [], []

    while batch := source.batch(after, source.end(), size):
        found += batch.items
        after = batch.last

    assert found == items


@pytest.mark.django_db
@pytest.mark.parametrize("source", [RowSource, BulkSource])
def test_rows_between_are_found_and_rows_behind_the_end_are_not(source):
    for shelf in (1, 2, 3):
        PlaceItem.objects.create(room="a", shelf=shelf)
    cut = source(PlaceItem.objects.all())
    end = cut.end()
    first = cut.batch([], end, 2)

    PlaceItem.objects.create(room="a", shelf=4)
    second = cut.batch(first.last, end, 2)

    assert (first.last, end) == (["a", 2], ["a", 3])
    assert [each.shelf for each in first.items] == [1, 2]
    assert ([each.shelf for each in second.items], second.count) == ([3], 1)
    assert cut.batch(second.last, end, 2) is None


@pytest.mark.django_db
@pytest.mark.parametrize("source", [RowSource, BulkSource])
@pytest.mark.parametrize(
    "ordered",
    [Item.objects.reverse(), Item.objects.order_by("name").reverse(), Item.objects.order_by("-id")],
    ids=["reversed", "reversed by name", "descending"],
)
def test_the_order_of_the_queryset_does_not_matter(source, ordered):
    keys = [Item.objects.create(name=name).pk for name in "cab"]
    cut = source(ordered)

    first = cut.batch([], cut.end(), 2)
    second = cut.batch(first.last, cut.end(), 2)

    assert (first.last, second.last) == ([keys[1]], [keys[2]])
    assert {each.pk for each in [*first.items, *second.items]} == {*keys}
    assert cut.batch(second.last, cut.end(), 2) is None


@pytest.mark.django_db
@pytest.mark.parametrize("source", [RowSource, BulkSource])
def test_one_row_is_found_by_its_position_until_it_is_gone(source):
    at = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
    TimeItem.objects.create(at=at)
    cut = source(TimeItem.objects.all())
    position = cut.end()

    found = cut.one(position)
    TimeItem.objects.all().delete()

    assert position == ["2026-01-01T12:00:00.123456+00:00"]
    assert (found.count, found.last) == (1, position)
    assert cut.one(position) is None


@pytest.mark.django_db
@pytest.mark.parametrize("source", [RowSource, BulkSource])
def test_a_row_that_a_join_repeats_counts_once(source):
    items = [Item.objects.create(name=name) for name in "xyz"]
    UuidItem.objects.create(id=UUID(int=1))
    UuidItem.objects.create(id=UUID(int=2))
    repeated = Item.objects.extra(tables=["stock_uuiditem"])
    cut = source(repeated)

    batch = cut.batch([], [items[1].pk], 10)

    assert (repeated.count(), cut.count(), batch.count) == (6, 3, 2)
    assert {*batch.items} == {*items[:2]}
    assert batch.last == [items[1].pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", [CountRows, CountInBulk])
def test_one_key_may_be_a_tuple(work):
    for left in "abc":
        PairItem.objects.create(pair=Pair(left, "1"))

    run = launch(work, {"model": "PairItem"}, options=Options(batch_size=2))

    assert (run.status, run.error_message, run.cursor) == ("succeeded", "", ["c 1"])
    assert [row.times for row in PairItem.objects.all()] == [1, 1, 1]
