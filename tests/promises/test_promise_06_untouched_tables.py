"""Promise 6: a table of which the catalog says what it said is as it was; any other is compared."""

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from dynschema.models import Table
from dynschema.schema.dialects import dialect_of
from dynschema.status import read_status
from tests.forms.models import Design, Form
from tests.promises.test_promise_06_seen_last_is_not_sure import (
    CHANGES,
    DESIGN,
    DRIFTS,
    POSTGRESQL_DRIFTS,
)
from tests.support import builders
from tests.support.builders import add, redesign
from tests.support.state import is_postgresql, query

pytestmark = pytest.mark.django_db

LUNCH, SUPPER = "forms_lunchentry", "forms_supperentry"
BY_OTHERS = ["a column of theirs", "an index of theirs"]


@pytest.fixture
def lunch() -> Form:
    builders.form("supper", age=models.IntegerField())
    return builders.form(
        "lunch", DESIGN, age=models.IntegerField(null=True), name=models.CharField(max_length=20)
    )


def by_hand(drift: str) -> None:
    for statement in {**DRIFTS, **(POSTGRESQL_DRIFTS if is_postgresql() else {})}.get(drift, []):
        query(statement)


def compared_in_full() -> list[object]:
    Table.objects.update(catalog_print="")
    return read_status("default")


@pytest.mark.parametrize("drift", [*DRIFTS, *POSTGRESQL_DRIFTS])
def test_status_tells_what_comparing_everything_tells(lunch, drift):
    by_hand(drift)

    found = read_status("default")

    assert found == compared_in_full()


@pytest.mark.parametrize("drift", BY_OTHERS)
def test_what_was_not_ours_before_a_change_is_told_after_it(lunch, drift):
    by_hand(drift)
    add(lunch, "guests", models.IntegerField(default=2))

    found = read_status("default")

    assert {each.name: len(each.extra) for each in found} == {LUNCH: 1, SUPPER: 0}
    assert found == compared_in_full()


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_by_a_definition_status_compares_nothing(lunch, change):
    redesign(lunch, Design())
    CHANGES[change](lunch)

    with CaptureQueriesContext(connection) as made:
        found = read_status("default")

    assert len(made) == 3
    assert not any('"wanted"' in each["sql"] for each in made)
    assert found == compared_in_full()


def test_a_change_of_one_table_by_hand_has_that_one_compared(lunch):
    query("DROP INDEX lunch_age")

    with CaptureQueriesContext(connection) as made:
        found = read_status("default")

    assert {each.name: len(each.drift) for each in found} == {LUNCH: 1, SUPPER: 0}
    reading = [each["sql"] for each in made if '"wanted"' in each["sql"]]
    assert len(made) == 6
    assert len(reading) == 1


def test_what_the_catalog_says_is_digested_alike_with_and_without_comparing(lunch):
    query("""CREATE TABLE "it's {odd}" (id integer PRIMARY KEY, "100%" text DEFAULT '%s')""")
    names = [LUNCH, SUPPER, "it's {odd}", "not there"]
    dialect = dialect_of(connection)

    prints = dialect.read_prints(connection, names)

    tables = dialect.read_tables(connection, names)
    assert prints == {name: each.catalog_print for name, each in tables.items()}
    assert len(set(prints.values())) == 3
