"""The moves of a run are one table, which the documentation shows as it is."""

from itertools import product
from pathlib import Path

import pytest

from dynschema.evolution.models import Run
from dynschema.evolution.moves import move
from dynschema.evolution.statuses import ENDED, HELD, MOVES, WAITING, Status, may_move
from tests.settings import ROOT

PAGE = Path(ROOT, "docs", "reference", "statuses.md")


def test_the_page_shows_the_table_of_the_code():
    rows = [f"| `{before}` | `{after}` | {why} |" for (before, after), why in MOVES.items()]
    table = "\n".join(["| from | to | what makes the move |", "|---|---|---|", *rows])

    assert table in PAGE.read_text(encoding="utf-8")


def test_every_status_is_explained_on_the_page():
    explained = PAGE.read_text(encoding="utf-8").partition("| from |")[0]

    assert [status for status in Status if f"| `{status}` |" not in explained] == []


def test_a_run_that_has_not_ended_is_waiting_held_or_paused():
    assert {*ENDED, *HELD, *WAITING, Status.PAUSED} == set(Status)
    assert len(ENDED) + len(HELD) + len(WAITING) + 1 == len(Status)


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "after"), [*product(Status, Status)])
def test_a_row_makes_the_moves_of_the_table_and_no_other(before, after, time):
    run = Run.objects.create(
        status=before, database="default", created_at=time.now, heartbeat_at=time.now
    )

    moved = move(run, after, time.now)

    assert moved == may_move(before, after)
    assert Run.objects.get().status == (after if moved else before)
    assert run.status == (after if moved else before)


@pytest.mark.django_db
def test_a_move_of_an_earlier_generation_is_refused(time):
    run = Run.objects.create(
        status="running", database="default", created_at=time.now, heartbeat_at=time.now
    )
    Run.objects.update(generation=1)

    assert not move(run, Status.SUCCEEDED, time.now)
    assert Run.objects.get().status == "running"
