"""Promise 5: hand-made columns, indexes, triggers and views survive every operation."""

from collections.abc import Iterator

import pytest
from django.contrib.postgres.indexes import BTreeIndex
from django.db import connection, models
from django.db.models import Q

from dynschema.exceptions import ColumnExistsError, TableExistsError
from tests.forms.models import Design, Entries, Form
from tests.support import builders
from tests.support.builders import add, change, entries, redesign, rename, retire
from tests.support.evolves import nothing_left_to_do
from tests.support.state import catalog, is_postgresql, query

pytestmark = pytest.mark.django_db

TABLE = "forms_lunchentry"
BY_HAND = [
    f"ALTER TABLE {TABLE} ADD COLUMN \"by hand\" varchar(7) DEFAULT 'it''s'",
    f'CREATE INDEX hand_plain ON {TABLE} ("by hand")',
    f"CREATE INDEX hand_ours ON {TABLE} (kept)",
    f"CREATE INDEX hand_partial ON {TABLE} (kept) WHERE kept > 3",
    f"CREATE UNIQUE INDEX hand_expression ON {TABLE} (abs(kept))",
    f"CREATE VIEW hand_view AS SELECT id, kept FROM {TABLE}",
    "CREATE TABLE hand_log (what integer)",
]
INSERT = "INSERT INTO hand_log VALUES (new.kept);"
FUNCTION = f"LANGUAGE plpgsql AS 'BEGIN {INSERT} RETURN new; END'"
TRIGGER = f"CREATE TRIGGER hand_trigger AFTER INSERT ON {TABLE} FOR EACH ROW"
SQLITE_TRIGGER = [f"{TRIGGER} BEGIN {INSERT} END"]
POSTGRESQL_TRIGGER = [
    f"CREATE FUNCTION hand_function() RETURNS trigger {FUNCTION}",
    f"{TRIGGER} EXECUTE FUNCTION hand_function()",
]
CHILD = (
    "CREATE TABLE hand_child (entry bigint NOT NULL "
    f"REFERENCES {TABLE} (id) ON DELETE CASCADE, note text)"
)


@pytest.fixture
def lunch() -> Form:
    """Give a form with records, and everything that hands can make around its table."""
    form = builders.form(
        "lunch",
        kept=models.IntegerField(),
        age=models.IntegerField(),
        name=models.CharField(max_length=20, unique=True),
        score=models.PositiveIntegerField(null=True, db_index=True),
    )
    entries(form).objects.create(kept=1, age=2, name="Ada")
    for statement in (*BY_HAND, *(POSTGRESQL_TRIGGER if is_postgresql() else SQLITE_TRIGGER)):
        query(statement)
    query(CHILD)
    query("INSERT INTO hand_child SELECT id, 'child' FROM " + TABLE)
    query(f"UPDATE {TABLE} SET \"by hand\" = 'mine'")
    return form


def add_nullable(form: Form) -> None:
    add(form, "guests", models.IntegerField(null=True))


def add_required(form: Form) -> None:
    add(form, "guests", models.IntegerField(default=7))


def add_reference(form: Form) -> None:
    add(form, "who", models.ForeignKey("auth.User", models.CASCADE, null=True, related_name="+"))


def rename_indexed(form: Form) -> None:
    rename(form, "score", "points")


def retire_required(form: Form) -> None:
    retire(form, "age")


def retire_unique(form: Form) -> None:
    retire(form, "name")


def retire_and_restore(form: Form) -> None:
    retire(form, "name").save(force_insert=True)


def relax(form: Form) -> None:
    change(form, "age", models.IntegerField(null=True))


def relax_and_tighten(form: Form) -> None:
    relax(form)
    change(form, "age", models.IntegerField())


def widen(form: Form) -> None:
    change(form, "age", models.BigIntegerField())


def widen_text(form: Form) -> None:
    change(form, "name", models.CharField(max_length=90, unique=True))


def make_unique(form: Form) -> None:
    change(form, "age", models.IntegerField(unique=True))


def make_common(form: Form) -> None:
    change(form, "name", models.CharField(max_length=20))


def give_default(form: Form) -> None:
    change(form, "age", models.IntegerField(db_default=3))


def constrain(form: Form) -> None:
    check = models.CheckConstraint(condition=Q(age__gte=0), name="sane")
    redesign(form, Design(meta={"constraints": [check]}))


def constrain_and_free(form: Form) -> None:
    constrain(form)
    redesign(form, Design())


def index_together(form: Form) -> None:
    redesign(form, Design(meta={"indexes": [models.Index(fields=["age", "name"], name="two")]}))


CHANGES = [
    add_nullable,
    add_required,
    add_reference,
    rename_indexed,
    retire_required,
    retire_unique,
    retire_and_restore,
    relax,
    relax_and_tighten,
    widen,
    widen_text,
    make_unique,
    make_common,
    give_default,
    constrain,
    constrain_and_free,
    index_together,
]


def by_hand() -> list[tuple]:
    """Give the catalog entries that no definition asked for."""
    return [each for each in catalog() if "hand" in repr(each[1:3])]


@pytest.mark.parametrize("operation", CHANGES)
def test_what_hands_made_survives(lunch, operation):
    names = {each[1:3] for each in by_hand()}

    operation(lunch)

    assert {each[1:3] for each in by_hand()} == names
    assert query(f'SELECT "by hand", kept FROM {TABLE}') == [("mine", 1)]
    assert query("SELECT kept FROM hand_view") == [(1,)]
    assert query("SELECT note FROM hand_child") == [("child",)]
    assert not Entries.sync(lunch)


@pytest.mark.parametrize("operation", CHANGES)
def test_what_hands_made_still_works(lunch, operation):
    operation(lunch)

    query(f"UPDATE {TABLE} SET kept = 5")
    query("DELETE FROM hand_log")
    entries(lunch).objects.create(kept=9, **needed(lunch))

    assert query("SELECT what FROM hand_log") == [(9,)]
    assert query(f'SELECT "by hand" FROM {TABLE} WHERE kept = 9') == [("it's",)]
    query(f"DELETE FROM {TABLE}")
    assert query("SELECT * FROM hand_child") == []


def needed(form: Form) -> dict[str, object]:
    """Give values for the fields that a record needs."""
    names = {field.name for field in entries(form)._meta.fields}
    return {
        name: value for name, value in (("age", 4), ("name", "Bob"), ("guests", 1)) if name in names
    }


def test_a_plan_names_what_it_keeps(lunch):
    plan = Entries.plan(lunch)

    assert not plan
    kept = "\n".join(plan.extra)
    for name in ("by hand", "hand_plain", "hand_ours", "hand_partial", "hand_expression"):
        assert f'"{name}"' in kept


def test_a_column_of_ours_under_a_name_that_hands_have_taken_gets_another(lunch):
    query(f"ALTER TABLE {TABLE} ADD COLUMN guests integer DEFAULT 12")

    add(lunch, "guests", models.IntegerField(null=True))

    assert [each.guests for each in entries(lunch).objects.all()] == [None]
    assert query(f"SELECT guests FROM {TABLE}") == [(12,)]


def test_a_db_column_that_hands_have_taken_is_refused(lunch):
    query(f"ALTER TABLE {TABLE} ADD COLUMN guests integer DEFAULT 12")

    with pytest.raises(ColumnExistsError) as error:
        add(lunch, "visitors", models.IntegerField(null=True, db_column="guests"))

    assert error.value.code == "E208"
    assert query(f"SELECT guests FROM {TABLE}") == [(12,)]


def test_a_table_of_ours_under_a_name_that_hands_have_taken_gets_another():
    query("CREATE TABLE forms_dinnerentry (id integer, mine integer)")
    query("INSERT INTO forms_dinnerentry VALUES (1, 2)")

    form = builders.form("dinner", age=models.IntegerField())
    entries(form).objects.create(age=3)

    assert entries(form)._meta.db_table != "forms_dinnerentry"
    assert query("SELECT * FROM forms_dinnerentry") == [(1, 2)]


def test_a_db_table_that_hands_have_taken_is_refused():
    query("CREATE TABLE mine (id integer)")

    with pytest.raises(TableExistsError) as error:
        builders.form("dinner", Design(db_table="mine"))

    assert str(error.value) == (
        '[dynschema.E207] The table "mine" exists already and was not made by dynschema, so it is '
        "left alone. Choose another db_table, or rename that table."
    )


def test_a_renamed_table_keeps_what_hands_made(lunch):
    lunch.name = "dinner"
    lunch.save()

    assert query('SELECT "by hand" FROM forms_dinnerentry') == [("mine",)]
    assert query("SELECT kept FROM hand_view") == [(1,)]
    entries(lunch).objects.create(kept=9, age=1, name="Bob")
    assert query("SELECT what FROM hand_log WHERE what = 9") == [(9,)]
    query("DELETE FROM forms_dinnerentry")
    assert query("SELECT * FROM hand_child") == []


def test_a_column_that_an_index_of_hands_needs_may_be_renamed(lunch):
    query(f"DROP TRIGGER hand_trigger{f' ON {TABLE}' if is_postgresql() else ''}")

    rename(lunch, "kept", "held")

    assert query("SELECT * FROM hand_view") == [(1, 1)]
    entries(lunch).objects.create(held=4, age=1, name="Bob")
    assert list(entries(lunch).objects.order_by("held").values_list("held", flat=True)) == [1, 4]
    assert not Entries.sync(lunch)


@pytest.mark.only("sqlite")
def test_a_trigger_that_spells_the_table_in_capitals_is_kept_when_the_table_is_made_anew(lunch):
    query("DROP TRIGGER hand_trigger")
    query(SQLITE_TRIGGER[0].replace(TABLE, TABLE.upper()))

    change(lunch, "name", models.CharField(max_length=90, unique=True))

    entries(lunch).objects.create(kept=9, age=1, name="Bob")
    assert query("SELECT what FROM hand_log") == [(9,)]


def test_a_retired_column_that_a_view_needs_stays_readable(lunch):
    retire(lunch, "kept")

    assert query("SELECT kept FROM hand_view") == [(1,)]


@pytest.fixture
def rows_by_hand(lunch) -> Iterator[Form]:
    for number in range(2, 52):
        query(f"INSERT INTO {TABLE} (kept, age, name) VALUES ({number}, {number}, 'name{number}')")
    return lunch


@pytest.mark.only("sqlite")
def test_a_rebuild_keeps_the_numbers_of_rows_and_goes_on_counting(rows_by_hand):
    query(f"DELETE FROM {TABLE} WHERE kept > 40")
    before = query(f"SELECT id, kept FROM {TABLE} ORDER BY id")

    relax_and_tighten(rows_by_hand)

    assert query(f"SELECT id, kept FROM {TABLE} ORDER BY id") == before
    assert entries(rows_by_hand).objects.create(kept=99, age=1, name="x").pk == 52


@pytest.mark.only("sqlite")
@pytest.mark.django_db(transaction=True)
def test_a_rebuild_leaves_foreign_keys_enforced(lunch):
    relax_and_tighten(lunch)

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys")
        enforced = cursor.fetchone()
    clean = query("PRAGMA foreign_key_check")
    query("DROP VIEW hand_view")
    query("DROP TABLE hand_child")
    query("DROP TABLE hand_log")
    assert (enforced, clean) == ((1,), [])


LIKE_OURS = {
    "an index": ({"db_index": True}, "CREATE INDEX hand_alike ON {table} (c)"),
    "a unique constraint": (
        {"unique": True},
        "ALTER TABLE {table} ADD CONSTRAINT hand_alike UNIQUE (c)",
    ),
}


@pytest.mark.parametrize("what", LIKE_OURS)
def test_what_hands_made_like_what_is_asked_for_later_serves_and_stays_theirs(what):
    options, statement = LIKE_OURS[what]
    if what != "an index" and not is_postgresql():
        pytest.skip("SQLite adds no constraint by hand")
    form = builders.form("lunch", c=models.IntegerField(null=True))
    query(statement.format(table=TABLE))

    builders.change(form, "c", models.IntegerField(null=True, **options))

    assert nothing_left_to_do(form)
    builders.add(form, "other", models.TextField(null=True))
    builders.change(form, "c", models.IntegerField(null=True))
    assert nothing_left_to_do(form)
    assert [each[2] for each in catalog() if "hand_alike" in repr(each[1:3])]


@pytest.mark.only("postgresql")
def test_an_index_of_ours_that_hands_have_replaced_or_stored_otherwise_is_left_alone():
    form = builders.form("lunch", c=models.IntegerField(null=True, db_index=True))
    ((ours,),) = query(f"SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%%{TABLE}%%(c)'")
    query(f'ALTER INDEX "{ours}" SET (fillfactor = 80)')
    assert nothing_left_to_do(form)

    query(f"CREATE INDEX hand_alike ON {TABLE} (c)")
    query(f'DROP INDEX "{ours}"')

    assert nothing_left_to_do(form)
    builders.add(form, "other", models.TextField(null=True))
    assert nothing_left_to_do(form)
    assert query(f"SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%%{TABLE}%%(c)'") == [
        ("hand_alike",)
    ]


@pytest.mark.only("postgresql")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            BTreeIndex(fields=["c"], name="stored", fillfactor=70),
            BTreeIndex(fields=["c"], name="stored"),
        ),
        (
            models.Index(fields=["c"], name="stored", condition=models.Q(name="a WITH (b)")),
            models.Index(fields=["c"], name="stored", condition=models.Q(name="a")),
        ),
    ],
    ids=["fill factor", "condition"],
)
def test_what_a_definition_asks_of_an_index_no_more_goes(before, after):
    fields = {"c": models.IntegerField(null=True), "name": models.TextField(null=True)}
    form = builders.form("lunch", Design(meta={"indexes": [before]}), **fields)

    builders.redesign(form, Design(meta={"indexes": [after]}))

    ((sql,),) = query("SELECT indexdef FROM pg_indexes WHERE indexname = 'stored'")
    assert "WITH (" not in sql
    assert nothing_left_to_do(form)
