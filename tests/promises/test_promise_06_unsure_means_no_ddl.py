"""Promise 6: what cannot be told apart is reported and never acted on; what can, is put right."""

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from tests.forms.models import Design, Entries, Form
from tests.support import builders
from tests.support.builders import add, entries
from tests.support.evolves import ddl, nothing_left_to_do
from tests.support.state import catalog, column, is_postgresql, query, state

pytestmark = pytest.mark.django_db

TABLE = "forms_lunchentry"
INDEX = Design(meta={"indexes": [models.Index(fields=["age"], name="lunch_age")]})


@pytest.fixture
def lunch() -> Form:
    form = builders.form(
        "lunch",
        INDEX,
        age=models.IntegerField(null=True),
        name=models.CharField(max_length=20, unique=True),
        score=models.PositiveIntegerField(default=0),
    )
    entries(form).objects.create(age=3, name="Ada")
    return form


# Drift that can be put right


def test_an_index_that_hands_dropped_is_made_again(lunch):
    query("DROP INDEX lunch_age")

    plan = Entries.sync(lunch)

    assert [each.code for each in plan.operations] == ["add_index"]
    assert nothing_left_to_do(lunch)


def test_a_column_that_hands_dropped_is_made_again_and_nothing_else_is_lost(lunch):
    query("DROP INDEX lunch_age")
    query(f"ALTER TABLE {TABLE} DROP COLUMN age")

    plan = Entries.sync(lunch)

    assert [each.code for each in plan.operations] == ["add_field", "add_index"]
    assert list(entries(lunch).objects.values_list("age", "name")) == [(None, "Ada")]
    assert nothing_left_to_do(lunch)


def test_a_table_that_hands_dropped_is_made_again(lunch):
    query(f"DROP TABLE {TABLE}")

    plan = Entries.sync(lunch)

    assert [each.code for each in plan.operations] == ["create_table"]
    assert nothing_left_to_do(lunch)
    assert entries(lunch).objects.count() == 0


@pytest.mark.only("postgresql")
@pytest.mark.parametrize(
    ("drift", "repair"),
    [
        ("ALTER TABLE {} ALTER COLUMN age SET NOT NULL", ["relax_field"]),
        ("ALTER TABLE {} ALTER COLUMN name DROP NOT NULL", ["tighten_field"]),
        ("ALTER TABLE {} ADD CHECK (age < 9), DROP CONSTRAINT {check}", ["add_constraint"]),
    ],
)
def test_drift_that_the_data_allows_to_repair_is_repaired(lunch, drift, repair):
    query(drift.format(TABLE, check=name_of("check", "score")))

    plan = Entries.sync(lunch)

    assert [each.code for each in plan.operations] == repair
    assert nothing_left_to_do(lunch)


# Drift that cannot


@pytest.mark.only("postgresql")
def test_a_type_that_hands_changed_and_that_would_lose_values_is_reported_and_left(lunch):
    query(f"ALTER TABLE {TABLE} ALTER COLUMN age TYPE text USING 'about ' || age")
    before = catalog()

    (reported,) = Entries.plan(lunch).unsure
    plan = Entries.sync(lunch)

    assert not plan
    assert reported.startswith(f'The field "age" of table "{TABLE}" cannot change from text to int')
    assert catalog() == before
    assert column(TABLE, "age") == ["about 3"]


def test_a_unique_rule_that_hands_dropped_and_data_broke_is_reported_and_left(lunch):
    drop_unique_and_break_it()
    before = state()

    reported = Entries.plan(lunch).unsure
    plan = Entries.sync(lunch)

    assert reported == (BROKEN,)
    assert not plan
    assert state().differences(before) == []


BROKEN = (
    f'The field "name" of table "{TABLE}" cannot become unique: 2 records share a value with '
    'another (record 1 "Ada", record 2 "Ada"). '
    "Correct them first, or do not ask for unique values."
)


def drop_unique_and_break_it() -> None:
    kind = "CONSTRAINT" if is_postgresql() else "INDEX"
    prefix = f"ALTER TABLE {TABLE} " if is_postgresql() else ""
    query(f'{prefix}DROP {kind} "{name_of("unique", "name")}"')
    query(f"INSERT INTO {TABLE} (name, score) VALUES ('Ada', 0)")


def name_of(kind: str, column: str) -> str:
    """Find the rule of a kind on a column."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, TABLE)
    return next(name for name, each in found.items() if each[kind] and each["columns"] == [column])


def test_other_changes_go_on_beside_drift_that_is_left(lunch):
    drop_unique_and_break_it()

    add(lunch, "guests", models.IntegerField(null=True))

    assert column(TABLE, "guests") == [None, None]
    plan = Entries.plan(lunch)
    assert (plan.operations, len(plan.unsure)) == ((), 1)


# A comparison that cannot be made


@pytest.fixture
def without_scratch():
    """Take the right to make temporary tables away from the user of the database."""
    query("CREATE ROLE no_scratch")
    database = connection.ops.quote_name(connection.settings_dict["NAME"])
    query(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
    query("GRANT ALL ON ALL TABLES IN SCHEMA public TO no_scratch")
    query("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO no_scratch")
    query(f"ALTER TABLE {TABLE} OWNER TO no_scratch")
    query("SET ROLE no_scratch")
    yield
    query("RESET ROLE")


@pytest.mark.only("postgresql")
def test_a_change_that_cannot_be_compared_is_reported_and_left(lunch, without_scratch):
    # A type that this process has seen already needs no temporary table to be compared.
    unseen = models.DecimalField(max_digits=33, decimal_places=7, null=True)
    bigger = builders.registered_field(unseen)
    lunch.inputs.filter(name="age").update(field=bigger)
    before = catalog()

    planned = Entries.plan(lunch)
    with CaptureQueriesContext(connection) as queries:
        Entries.sync(lunch)

    assert planned.operations == ()
    assert planned.unsure == ('Field "age": the server could not be asked.',)
    assert [sql for sql in ddl(queries) if TABLE in sql] == []
    assert catalog() == before
    # Nobody forgets it: the next plan says the same, and who may ask the server makes the change.
    assert Entries.plan(lunch).unsure == planned.unsure
    query("RESET ROLE")
    assert [each.code for each in Entries.sync(lunch).operations] == ["widen_field"]
    assert nothing_left_to_do(lunch)


@pytest.mark.only("postgresql")
def test_what_needs_no_comparison_goes_on_without_one(lunch, without_scratch):
    add(lunch, "guests", models.IntegerField(null=True))

    assert column(TABLE, "guests") == [None]
