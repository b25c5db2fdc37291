"""A primary key may be a relation; the key of the row at its other end is what is followed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from dynschema.evolution import Options, launch, resume
from tests.evolution.runs.stock.models import (
    AboutAboutBytes,
    AboutBytes,
    AboutDecimal,
    AboutDuration,
    AboutJson,
    AboutTime,
    BytesKey,
    BytesOnShelf,
    DecimalKey,
    DurationKey,
    JsonKey,
    SpecialBytes,
    SpecialJson,
    TimeKey,
    TimeOnShelf,
)
from tests.evolution.runs.stock.works import CountInBulk, CountRows

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

KEYS = {
    BytesKey: [b"", b"\x00\xff", b"'", b"abc", b"b'abc'"],
    DecimalKey: [Decimal("-10.5"), Decimal(0), Decimal("0.0001"), Decimal(9), Decimal(10)],
    DurationKey: [timedelta(microseconds=each) for each in (-(10**12), -1, 0, 1, 10**12)],
    JsonKey: [-1, 1.5, 10, "1", "a", True, {"b": 1, "a": "é"}, [], [1, 2]],
    TimeKey: [NOON + timedelta(microseconds=each) for each in (-(10**12), -1, 0, 1, 10**12)],
}


def borrowers(model, lender, through=None):
    """Give each row of a lender one row that borrows its key."""
    for key in KEYS[lender]:
        given = lender.objects.create(key=key)
        if through is not None:
            given = through.objects.create(about=given)
        model.objects.create(about=given)


def children(model, parent):
    for key in KEYS[parent]:
        model.objects.create(key=key)


def on_shelves(model, lender, through=None):
    for key in KEYS[lender]:
        given = lender.objects.create(key=key)
        if through is not None:
            given = through.objects.create(about=given)
        for shelf in (1, 2):
            model.objects.create(about=given, shelf=shelf)


ROWS = {
    AboutBytes: (borrowers, BytesKey),
    AboutDecimal: (borrowers, DecimalKey),
    AboutDuration: (borrowers, DurationKey),
    AboutJson: (borrowers, JsonKey),
    AboutTime: (borrowers, TimeKey),
    AboutAboutBytes: (borrowers, BytesKey, AboutBytes),
    SpecialBytes: (children, BytesKey),
    SpecialJson: (children, JsonKey),
    BytesOnShelf: (on_shelves, BytesKey),
    TimeOnShelf: (on_shelves, TimeKey, AboutTime),
}


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize("work", [CountRows, CountInBulk])
@pytest.mark.parametrize("model", ROWS)
def test_each_row_with_a_borrowed_key_is_worked_on_once(model, work, size):
    make, *lenders = ROWS[model]
    make(model, *lenders)
    count = model.objects.count()

    run = launch(work, {"model": model.__name__}, options=Options(batch_size=size))

    assert (run.status, run.error_message) == ("succeeded", "")
    assert (run.total_count, run.done_count) == (count, count)
    assert [row.times for row in model.objects.all()] == [1] * count


@pytest.mark.parametrize("model", ROWS)
def test_rows_with_borrowed_keys_are_found_again_where_they_failed(model, monkeypatch):
    make, *lenders = ROWS[model]
    make(model, *lenders)
    count = model.objects.count()
    process = CountRows.process

    def refuse(self, item):
        raise ValueError("no")

    monkeypatch.setattr(CountRows, "process", refuse)
    run = launch(CountRows, {"model": model.__name__}, options=Options(on_error="skip"))
    failed = (run.status, run.failed_count)
    monkeypatch.setattr(CountRows, "process", process)
    resume(run)

    assert failed == ("errored", count)
    assert (run.status, run.done_count, run.failed_count) == ("succeeded", count, 0)
    assert [row.times for row in model.objects.all()] == [1] * count
