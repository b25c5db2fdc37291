"""Promise 6: tables are changed as they were seen last, and it comes out as if looked at first.

On SQLite every change looks first; there the two ways are one.
"""

from collections.abc import Callable

import pytest
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from dynschema.exceptions import DynschemaError
from dynschema.models import Change
from dynschema.schema.dialects import dialect_of
from tests.forms.models import Design, Form
from tests.support import builders
from tests.support.builders import add, change, entries, redesign, rename, retire
from tests.support.evolves import nothing_left_to_do
from tests.support.rollback import taken_back
from tests.support.state import catalog, column, is_postgresql, query, rows

pytestmark = pytest.mark.django_db

TABLE = "forms_lunchentry"
RECORDS = ("epoch", "table", "field", "change")
DESIGN = Design(meta={"indexes": [models.Index(fields=["age"], name="lunch_age")]})

KEY = 2_000_000_000
"""Of the input that is added: the same both times, and one that no sequence has come to."""

DRIFTS = {
    "nothing": [],
    "a column of theirs": [f"ALTER TABLE {TABLE} ADD COLUMN theirs integer"],
    "the name that is to come": [f"ALTER TABLE {TABLE} ADD COLUMN guests integer"],
    "an index gone": ["DROP INDEX lunch_age"],
    "an index of theirs": [f"CREATE INDEX theirs ON {TABLE} (age)"],
    "a column gone": ["DROP INDEX lunch_age", f"ALTER TABLE {TABLE} DROP COLUMN age"],
    "a column renamed": [f"ALTER TABLE {TABLE} RENAME COLUMN age TO years"],
    "the table gone": [f"DROP TABLE {TABLE}"],
    "the table renamed": [f"ALTER TABLE {TABLE} RENAME TO moved"],
    "a record like another": [f"INSERT INTO {TABLE} (name, age) VALUES ('Bob', 3)"],
}
POSTGRESQL_DRIFTS = {
    "a required column": [f"ALTER TABLE {TABLE} ALTER COLUMN age SET NOT NULL"],
    "another type": [f"ALTER TABLE {TABLE} ALTER COLUMN age TYPE text"],
    "a wider type": [f"ALTER TABLE {TABLE} ALTER COLUMN name TYPE varchar(90)"],
    "a rule gone": [f"ALTER TABLE {TABLE} DROP CONSTRAINT {TABLE}_pkey"],
}

CHANGES: dict[str, Callable[[Form], object]] = {
    "add": lambda form: add(form, "guests", models.IntegerField(null=True), pk=KEY),
    "add a required one": lambda form: add(form, "guests", models.IntegerField(default=2), pk=KEY),
    "rename": lambda form: rename(form, "age", "guests"),
    "retire": lambda form: retire(form, "age"),
    "make unique": lambda form: change(form, "age", models.IntegerField(null=True, unique=True)),
    "widen": lambda form: change(form, "name", models.CharField(max_length=50)),
    "drop the index": lambda form: redesign(form, Design()),
    "rename the table": lambda form: form.__class__(pk=form.pk, name="dinner").save(),
    "save again": lambda form: form.save(),
    "remove": lambda form: form.delete(),
}


@pytest.fixture
def lunch() -> Form:
    form = builders.form(
        "lunch", DESIGN, age=models.IntegerField(null=True), name=models.CharField(max_length=20)
    )
    entries(form).objects.create(age=3, name="Ada")
    return form


@pytest.fixture
def always_looking(monkeypatch):
    def look():
        monkeypatch.setattr(dialect_of(connection), "can_try", False)

    return look


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("drift", [*DRIFTS, *POSTGRESQL_DRIFTS])
def test_a_change_of_a_table_that_hands_have_changed_comes_out_the_same(
    lunch, always_looking, drift, name
):
    by_hand = {**DRIFTS, **(POSTGRESQL_DRIFTS if is_postgresql() else {})}.get(drift, [])
    for statement in by_hand:
        query(statement)

    tried = outcome(lunch, CHANGES[name])
    always_looking()
    looked_at = outcome(lunch, CHANGES[name])

    assert tried == looked_at


def outcome(form: Form, make: Callable[[Form], object]) -> dict[str, object]:
    """Make a change, tell all that came of it, and take it back."""
    found: dict[str, object] = {}
    with taken_back():
        form = Form.objects.get(pk=form.pk)
        newest = Change.objects.count()
        try:
            with transaction.atomic():
                make(form)
        except DynschemaError as error:
            found["error"] = str(error)
        made = Change.objects.order_by("pk")[newest:]
        found["changes"] = list(made.values("operations", "reverse", "hazards", "sql"))
        found["catalog"] = catalog()
        tables = {"forms_lunchentry", "forms_dinnerentry", "moved"}
        found["rows"] = {name: rows(name) for name in tables & {row[0] for row in catalog()}}
    return found


def test_records_written_before_in_the_transaction_do_not_stand_in_the_way():
    form = builders.form("lunch", boss=reference_to_itself())
    model = entries(form)

    with transaction.atomic():
        worker = model.objects.create(boss_id=2)
        assert worker.pk == 1
        model.objects.create()
        add(form, "guests", models.IntegerField(default=2))

    assert list(entries(form).objects.values_list("boss_id", "guests")) == [(2, 2), (None, 2)]
    assert nothing_left_to_do(form)


def reference_to_itself() -> models.ForeignKey:
    return models.ForeignKey("self", models.CASCADE, null=True, related_name="+")


@pytest.mark.only("postgresql")
@pytest.mark.parametrize(
    "make",
    [
        lambda form: add(form, "guests", models.IntegerField(null=True)),
        lambda form: rename(form, "age", "years"),
        lambda form: retire(form, "age"),
    ],
    ids=["add", "rename", "retire"],
)
def test_a_change_looks_at_the_table_once_and_writes_its_history_at_once(lunch, make):
    redesign(lunch, Design())

    with CaptureQueriesContext(connection) as captured:
        make(lunch)

    sent = [each["sql"] for each in captured.captured_queries]
    lock, history = (sql for sql in sent if "dynschema_" in sql)
    assert "pg_advisory_xact_lock" in lock
    assert all(f'"dynschema_{name}"' in history for name in RECORDS)
    assert len([sql for sql in sent if "FROM pg_attribute" in sql]) == 1


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("action", ["SET NOT NULL", "SET DEFAULT 7"])
def test_a_column_that_somebody_has_required_is_out_of_the_way_when_it_is_retired(action):
    form = builders.form("lunch", age=models.IntegerField(null=True))
    query(f"ALTER TABLE {TABLE} ALTER COLUMN age {action}")

    retire(form, "age")

    entries(form).objects.create()
    assert column(TABLE, "age") == [None]
