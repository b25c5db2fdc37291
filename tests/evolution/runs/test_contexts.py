"""What surrounds a launch is carried to the worker, and what happens to a run is told."""

from contextlib import contextmanager

import pytest

from dynschema.evolution import Work, launch, pause, register, resume, skip
from dynschema.evolution.contexts import DefaultContext
from dynschema.evolution.engines.inline import InlineEngine
from dynschema.evolution.registry import Reference
from dynschema.evolution.signals import OF_STATUS
from tests.evolution.runs.stock.models import Item
from tests.evolution.runs.stock.works import CountRows

pytestmark = pytest.mark.django_db(transaction=True)

current = ["public"]
seen = []


class SchemaContext(DefaultContext):
    """As one for tenants would be."""

    def default_parameters(self):
        return {"schema": current[-1]}

    @contextmanager
    def execute(self):
        current.append(self.parameters["schema"])
        try:
            yield
        finally:
            current.pop()


@register("look-around")
class LookAround(Work):
    def process(self, item):
        seen.append(current[-1])


@pytest.fixture
def told():
    """Collect the signals of a run's life."""
    words = []

    def receive(*, run, sender, **_):
        words.append((sender.__name__, str(run.status)))

    for signal in OF_STATUS.values():
        signal.connect(receive)
    yield words
    for signal in OF_STATUS.values():
        signal.disconnect(receive)


def test_the_context_of_the_launch_is_entered_by_the_worker(settings, deliveries):
    settings.DYNSCHEMA["evolution"]["context_manager"] = f"{__name__}.SchemaContext"
    settings.DYNSCHEMA = settings.DYNSCHEMA
    with SchemaContext({"schema": "north"}).execute():
        run = launch(LookAround)
    with SchemaContext({"schema": "south"}).execute():
        other = launch(LookAround)

    for delivery in deliveries:
        InlineEngine().work_off(delivery)

    assert [run.context, other.context] == [{"schema": "north"}, {"schema": "south"}]
    assert (seen, current) == (["north", "south"], ["public"])


def test_each_step_of_a_life_is_told(told, deliveries):
    Item.objects.create()

    run = launch(CountRows)
    pause(run)
    resume(run)
    InlineEngine().work_off(deliveries[-1])
    skip(Reference("work", "other"))

    words = ["enqueued", "paused", "enqueued", "running", "succeeded", "skipped"]
    assert told == [("Run", word) for word in words]


def test_a_receiver_that_fails_does_not_stop_the_run():
    def fail(**_):
        raise ZeroDivisionError

    OF_STATUS["running"].connect(fail)
    run = launch(CountRows)
    OF_STATUS["running"].disconnect(fail)

    assert run.status == "succeeded"
