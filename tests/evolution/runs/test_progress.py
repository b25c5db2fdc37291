"""Progress is shown as a bar on a terminal and as plain lines elsewhere."""

import io

import pytest

from dynschema.evolution import launch
from dynschema.evolution.batch_sizes import LARGEST_ROWS, next_size
from dynschema.evolution.display import Display, shown_progress
from dynschema.evolution.models import Run
from dynschema.evolution.progress import Progress
from dynschema.evolution.runner import perform
from tests.evolution.runs.stock.models import Item
from tests.evolution.runs.stock.works import CountRows

HALF = Run(
    name="fill-ages", status="running", done_count=40, failed_count=10, total_count=100,
    seconds_running=5.0,
)  # fmt: skip


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(0, total=0), "0 of 0 items (100%)"),
        (Progress(0, total=10), "0 of 10 items (0%)"),
        (Progress(999, total=1_000, seconds=999), "999 of 1,000 items (99%), 1/s, 1 s left"),
        (Progress(5, total=None, seconds=2.5), "5 items, 2/s"),
        (Progress(12, total=10, seconds=1), "12 of 10 items (100%), 12/s"),
    ],
)
def test_progress_in_words(progress, words):
    assert str(progress) == words


def test_a_terminal_has_a_bar_that_is_written_over(time, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    stream = Terminal()
    display = Display(stream, time.clock)

    display.show(HALF)
    display.show(HALF)
    display.close(HALF)

    assert stream.getvalue() == (
        "\r\x1b[2Kfill-ages [############------------] "
        "50 of 100 items (50%), 10 failed, 10/s, 5 s left"
        "\r\x1b[2Kfill-ages: running, 50 of 100 items (50%), 10 failed, 10/s, 5 s left\n"
    )


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (80, "fill-ages [#########---------] 50 of 100 items (50%), 10 failed, 10/s, 5 s left"),
        (60, "fill-ages [] 50 of 100 items (50%), 10 failed, 10/s, 5 s le"),
    ],
)
def test_a_bar_fits_its_terminal(columns, line, time, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = Terminal()

    Display(stream, time.clock).show(HALF)

    assert (stream.getvalue(), len(line)) == (f"\r\x1b[2K{line}", columns - 1)


def test_elsewhere_there_is_a_line_now_and_then(time):
    stream = io.StringIO()
    display = Display(stream, time.clock)

    for _ in range(5):
        display.show(HALF)
        time.move(4)

    line = "fill-ages: running, 50 of 100 items (50%), 10 failed, 10/s, 5 s left\n"
    assert stream.getvalue() == line * 2


@pytest.mark.django_db(transaction=True)
def test_runs_of_this_process_are_shown_within_the_block(time):
    Item.objects.bulk_create(Item() for _ in range(20))
    stream = io.StringIO()

    with shown_progress(stream, time.clock):
        launch(CountRows)
    launch(CountRows)

    assert stream.getvalue().startswith(f"{CountRows.__module__}.CountRows: running, 10 of 20")
    assert stream.getvalue().count("\n") == 1


@pytest.mark.django_db(transaction=True)
def test_the_size_of_batches_follows_the_time_they_take(monkeypatch, time, deliveries):
    sizes = []

    def take_a_second_each(self, batch):
        sizes.append(len(batch))
        time.move(len(batch))

    Item.objects.bulk_create(Item() for _ in range(100))
    monkeypatch.setattr(CountRows, "batch_seconds", 25.0)
    monkeypatch.setattr(CountRows, "process_batch", take_a_second_each)
    run = launch(CountRows)

    perform(deliveries[0], time.clock)

    run.refresh_from_db()
    assert sizes == [10, 20, 25, 25, 20]
    assert (run.status, run.seconds_running) == ("succeeded", 100.0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("seconds_each", "expected"), [(0.0005, [500, 200, 200, 100]), (0.0001, [500, 500])]
)
def test_a_batch_takes_a_tenth_of_a_second_where_the_work_does_not_say(
    seconds_each, expected, monkeypatch, time, deliveries
):
    sizes = []

    def take_some_time(self, batch):
        sizes.append(len(batch))
        time.move(len(batch) * seconds_each)

    Item.objects.bulk_create(Item() for _ in range(1_000))
    monkeypatch.setattr(CountRows, "batch_size", None)
    monkeypatch.setattr(CountRows, "process_batch", take_some_time)
    run = launch(CountRows)

    perform(deliveries[0], time.clock)

    run.refresh_from_db()
    assert (sizes, run.status) == (expected, "succeeded")


@pytest.mark.django_db(transaction=True)
def test_a_size_that_the_work_names_is_kept(monkeypatch, deliveries, time):
    sizes = []
    Item.objects.bulk_create(Item() for _ in range(25))
    monkeypatch.setattr(CountRows, "process_batch", lambda self, batch: sizes.append(len(batch)))
    launch(CountRows)

    perform(deliveries[0], time.clock)

    assert sizes == [10, 10, 5]


@pytest.mark.parametrize(
    ("size", "seconds", "following"),
    [(1, 1_000.0, 1), (LARGEST_ROWS, 0.0, LARGEST_ROWS), (10, 0.0, 20), (100, 10.0, 10)],
)
def test_sizes_keep_within_bounds(size, seconds, following):
    assert next_size(size, seconds, 1.0) == following
