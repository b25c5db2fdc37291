"""Rows come and go while a run goes over them: each that stays is worked on exactly once."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dynschema.evolution import Options, Run, launch
from dynschema.evolution.signals import run_progressed
from tests.evolution.runs.stock.models import Item, PlaceItem, TextItem, TimeItem, UuidItem
from tests.evolution.runs.stock.works import CountInBulk, CountRows

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TEXTS = st.text(st.sampled_from("aAbBzZ äÄéß_-.%'\"\\1290\u0301İiıЖ日😀"), max_size=4)  # noqa: RUF001
"""Letters that collations order in ways of their own; the empty text is a key, too."""

TIMES = st.integers(-(10**15), 10**15).map(lambda number: NOON + timedelta(microseconds=number))
KEYS = {
    Item: st.builds(dict, id=st.integers(1, 2**40)),
    UuidItem: st.builds(dict, id=st.uuids()),
    TextItem: st.builds(dict, name=TEXTS),
    TimeItem: st.builds(dict, at=TIMES),
    PlaceItem: st.builds(dict, room=TEXTS, shelf=st.integers(-9, 9)),
}


class Traffic:
    """Deletes and adds some rows after each batch."""

    def __init__(self, model, arriving, random):
        self.model, self.arriving, self.random = model, arriving, random
        self.times_of_gone = {}

    def __call__(self, **_):
        for row in self.model.objects.all():
            if self.random.random() < 0.2:
                self.times_of_gone[row.pk] = row.times
                self.model.objects.filter(pk=row.pk).delete()
        for values in [self.arriving.pop() for _ in self.arriving[:2]]:
            self.model.objects.create(**values)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", [CountRows, CountInBulk])
@pytest.mark.parametrize("model", KEYS)
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_each_that_stays_is_worked_on_once(model, work, data):
    drawn = data.draw(
        st.lists(KEYS[model], max_size=20, unique_by=lambda each: tuple(each.values()))
    )
    half = len(drawn) // 2
    Run.objects.all().delete()
    model.objects.all().delete()
    rows = model.objects.bulk_create(model(**each) for each in drawn[half:])
    traffic = Traffic(model, drawn[:half], Random(data.draw(st.integers(0, 999))))

    run_progressed.connect(traffic)
    options = Options(batch_size=data.draw(st.integers(1, 5)))
    run = launch(work, {"model": model.__name__}, options=options)
    run_progressed.disconnect(traffic)

    times = {row.pk: row.times for row in model.objects.all()}
    assert (run.status, run.total_count) == ("succeeded", len(rows))
    assert [times.get(row.pk, 1) for row in rows] == [1] * len(rows)
    assert {*times.values(), *traffic.times_of_gone.values()} <= {0, 1}
    assert run.done_count == sum(times.values()) + sum(traffic.times_of_gone.values())
