"""Making an SQLite table anew changes what was asked for and keeps everything else."""

import itertools

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from dynschema.exceptions import BusyError, UnsupportedChangeError
from dynschema.schema.editors.sqlite import SQLiteEditor
from dynschema.schema.spec import ConstraintSpec, FieldSpec, Reference
from tests.schema.sqlite_state import contents, pragmas, query, schema

pytestmark = [pytest.mark.only("sqlite"), pytest.mark.django_db(transaction=True)]

ACTIONS = ["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"]
DEFERRALS = ["", "DEFERRABLE INITIALLY DEFERRED"]
TABLES = ("team", "player", "goal", "diary", "roster")
STRICT = "name varchar(30) NOT NULL,"
RELAXED = "name varchar(30),"


# The name is what the tests change; of the rest we know nothing.
SEASON = """
    CREATE TABLE team (
        id integer PRIMARY KEY AUTOINCREMENT,
        name varchar(30) NOT NULL, -- of the team
        hand_made int DEFAULT (1 + 1),
        code text UNIQUE,
        "100% odd, (" text DEFAULT '%s',
        twice int AS (id * 2),
        rival bigint REFERENCES team (id) ON DELETE CASCADE,
        CONSTRAINT "not x" CHECK (name <> 'x'));
    CREATE TABLE player (
        id integer PRIMARY KEY,
        team bigint DEFAULT 1 REFERENCES team (id) ON DELETE {action},
        of_code text REFERENCES team (code) ON DELETE {action});
    CREATE TABLE goal (player bigint REFERENCES player (id) ON DELETE CASCADE, minute int);
    CREATE TABLE diary (line text);
    INSERT INTO team (id, name, code, rival, hand_made) VALUES
        (1, 'a', 'A', 2, 9), (2, 'b', 'B', NULL, 1), (4, 'd', 'D', 4, 5), (9, 'z', 'Z', 1, 0);
    DELETE FROM team WHERE id = 9;
    INSERT INTO player VALUES (10, 1, 'B'), (11, 2, 'B'), (12, NULL, 'D');
    INSERT INTO goal VALUES (12, 90), (11, 3), (10, 45);
    CREATE INDEX team_recent ON team (hand_made DESC) WHERE hand_made > 3;
    CREATE UNIQUE INDEX team_lower ON team (lower(name), code);
    CREATE VIEW roster AS SELECT p.id, t.name FROM player AS p JOIN team AS t ON p.team = t.id;
"""
TRIGGERS = (
    "CREATE TRIGGER team_made AFTER INSERT ON team BEGIN INSERT INTO diary VALUES ('+'); END",
    "CREATE TRIGGER player_gone AFTER DELETE ON player BEGIN DELETE FROM diary; END",
)


WHATEVER_A_DELETE_DOES = pytest.mark.parametrize(
    "season", [*itertools.product(ACTIONS, DEFERRALS)], ids=" ".join, indirect=True
)


@pytest.fixture
def season(request):
    """Fill tables with all that Django's own rebuild would lose, and drop them in the end."""
    action = getattr(request, "param", ["CASCADE"])
    script = SEASON.format(action=" ".join(action))
    for sql in (*script.split(";")[:-1], *TRIGGERS, "INSERT INTO diary VALUES ('kick-off')"):
        query(sql)
    yield
    for table in ("goal", "player", "team", "diary"):
        query(f"DROP TABLE {table}")
    query("DROP VIEW roster")


@pytest.fixture
def tables():
    """Create tables from their text, and drop them in the end."""
    made = []

    def create(name, columns):
        query(f"CREATE TABLE {name} {columns}")
        made.append(name)

    yield create
    query("PRAGMA foreign_keys = 0")
    for name in made:
        query(f"DROP TABLE {name}")
    query("PRAGMA foreign_keys = 1")


def relax(editor):
    editor.set_null("team", "name", null=True)


@WHATEVER_A_DELETE_DOES
def test_what_we_did_not_make_is_kept_and_no_child_is_lost(season):
    before, texts, settings = contents(*TABLES), schema(), pragmas()

    with transaction.atomic():
        relax(SQLiteEditor(connection))

    relaxed = [(*entry, text.replace(STRICT, RELAXED)) for *entry, text in texts]
    assert contents(*TABLES) == before
    assert schema() == sorted(relaxed)
    assert pragmas() == settings
    assert query("PRAGMA integrity_check") == [("ok",)]
    assert query("SELECT seq FROM sqlite_sequence WHERE name = 'team'") == [(9,)]


@WHATEVER_A_DELETE_DOES
def test_a_rollback_leaves_everything_as_it_was(season):
    before, texts, settings = contents(*TABLES), schema(), pragmas()

    with transaction.atomic():
        query("DELETE FROM goal")
        relax(SQLiteEditor(connection))
        SQLiteEditor(connection).rename_field("team", "name", "title")
        transaction.set_rollback(True)

    assert contents(*TABLES) == before
    assert schema() == texts
    assert pragmas() == settings


@WHATEVER_A_DELETE_DOES
def test_a_savepoint_rolled_back_leaves_everything_as_it_was(season):
    with transaction.atomic():
        query("INSERT INTO player VALUES (13, 1, 'A')")
        before, texts, settings = contents(*TABLES), schema(), pragmas()
        with transaction.atomic():
            relax(SQLiteEditor(connection))
            SQLiteEditor(connection).rename_field("team", "name", "title")
            transaction.set_rollback(True)
        within = contents(*TABLES), schema(), pragmas()

    assert within == (before, texts, settings)
    assert (contents(*TABLES), schema(), pragmas()) == within


def test_enforcement_goes_on_afterwards(season):
    with transaction.atomic():
        relax(SQLiteEditor(connection))

    with pytest.raises(IntegrityError), transaction.atomic():
        query("INSERT INTO player VALUES (14, 77, NULL)")


def test_tables_that_delete_each_other_are_made_anew_together(tables):
    tables("hen", "(id integer PRIMARY KEY, egg int REFERENCES egg ON DELETE CASCADE, n int)")
    tables("egg", "(id integer PRIMARY KEY, hen int REFERENCES hen ON DELETE CASCADE)")
    with transaction.atomic():
        query("PRAGMA defer_foreign_keys = 1")
        query("INSERT INTO hen VALUES (1, 2, 7), (2, 1, 8), (3, NULL, 9)")
        query("INSERT INTO egg VALUES (1, 3), (2, 1)")
    before = contents("hen", "egg")

    with transaction.atomic():
        SQLiteEditor(connection).set_null("hen", "n", null=False)

    assert contents("hen", "egg") == before


def test_rows_keep_their_hidden_numbers_and_their_order(tables):
    tables("t", "(name text, rowid text)")
    query("INSERT INTO t (oid, name) VALUES (7, 'b'), (3, 'c'), (5, NULL)")

    with transaction.atomic():
        SQLiteEditor(connection).set_type("t", FieldSpec("name", "varchar(9)"))

    assert query("SELECT oid, * FROM t") == [(3, "c", None), (5, None, None), (7, "b", None)]


@pytest.mark.parametrize("ending", ["WITHOUT ROWID", "STRICT", "WITHOUT ROWID, STRICT"])
def test_the_sort_of_table_is_kept(tables, ending):
    tables("t", f"(a text, b int NOT NULL, PRIMARY KEY (b, a)) {ending}")
    query("INSERT INTO t VALUES ('y', 1), ('x', 1), ('z', 0)")
    before = contents("t")

    with transaction.atomic():
        SQLiteEditor(connection).set_default("t", "b", "5")

    expected = f"CREATE TABLE t (a text, b int NOT NULL DEFAULT 5, PRIMARY KEY (b, a)) {ending}"
    assert contents("t") == before
    assert query("SELECT sql FROM sqlite_master WHERE name = 't'") == [(expected,)]


def test_values_of_any_type_stay_what_they_are(tables):
    tables("t", "(id integer PRIMARY KEY, n numeric, t text, b, r real, x varchar(3) NOT NULL)")
    query("""INSERT INTO t VALUES
        (1, 9007199254740993, '007', '007', 1, 'abcdefgh'), (2, 1e300, x'00ff', x'00', 0.1, ''),
        (3, 'text', NULL, 1.0, 'text', 'a' || char(0) || 'b')""")
    values = "SELECT *, typeof(n), typeof(t), typeof(b), typeof(r), quote(x) FROM t"
    before = query(values)

    with transaction.atomic():
        SQLiteEditor(connection).set_null("t", "x", null=True)

    assert query(values) == before


def test_rows_may_still_wait_for_what_they_refer_to(tables):
    tables("t", "(id integer PRIMARY KEY, n int)")
    tables("later", "(t int REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)")

    with transaction.atomic():
        query("INSERT INTO later VALUES (5)")
        SQLiteEditor(connection).set_null("t", "n", null=False)
        query("INSERT INTO t VALUES (5, 1)")

    assert contents("t", "later") == {"t": [(5, 1)], "later": [(5,)]}


def test_a_key_of_other_tables_may_be_unique_by_its_index_alone(tables):
    tables("t", "(id integer PRIMARY KEY, slug text, n int)")
    query("CREATE UNIQUE INDEX t_slug ON t (slug)")
    tables("child", "(t text REFERENCES t (slug) DEFERRABLE INITIALLY DEFERRED)")
    query("INSERT INTO t VALUES (1, 'a', 0)")
    query("INSERT INTO child VALUES ('a')")

    with transaction.atomic():
        SQLiteEditor(connection).set_null("t", "n", null=False)

    assert contents("t", "child") == {"t": [(1, "a", 0)], "child": [("a",)]}


def test_a_change_that_the_rows_do_not_bear_leaves_them_where_they_are(season):
    before, texts = contents(*TABLES), schema()

    with transaction.atomic():
        with pytest.raises(IntegrityError, match="CHECK constraint failed: short"):
            SQLiteEditor(connection).add_constraint(
                "team", ConstraintSpec("check", "short", ("name",), "CHECK (name < 'b')")
            )
        settings = pragmas()
        query("INSERT INTO diary VALUES ('still open')")

    assert contents(*TABLES) == before | {"diary": [*before["diary"], ("still open",)]}
    assert schema() == texts
    assert settings == pragmas()


def test_without_a_transaction_nothing_is_changed(season):
    before, texts = contents(*TABLES), schema()

    with pytest.raises(TransactionManagementError, match="only be changed inside"):
        relax(SQLiteEditor(connection))

    assert contents(*TABLES) == before
    assert schema() == texts


def test_rows_are_never_dropped_as_the_table_itself_may_allow(tables):
    tables("t", "(id integer PRIMARY KEY, n UNIQUE ON CONFLICT IGNORE)")
    query("INSERT INTO t VALUES (1, 1), (2, '1')")
    before = contents("t")

    with transaction.atomic(), pytest.raises(IntegrityError):
        SQLiteEditor(connection).set_type("t", FieldSpec("n", "text"))

    assert contents("t") == before == {"t": [(1, 1), (2, "1")]}


def test_rows_that_refer_to_nothing_are_found_before_the_commit(season):
    query("PRAGMA foreign_keys = 0")
    query("UPDATE team SET rival = 77 WHERE id IN (1, 2)")
    query("PRAGMA foreign_keys = 1")
    texts = schema()

    with pytest.raises(UnsupportedChangeError) as refusal, transaction.atomic():
        relax(SQLiteEditor(connection))

    assert str(refusal.value) == (
        '[dynschema.E209] The table "team" cannot be changed: it refers to rows of "team" '
        "that are not there, in 2 of its rows. Correct or clear them first."
    )
    assert schema() == texts


def test_a_foreign_key_that_rows_break_is_refused(tables):
    tables("t", "(id integer PRIMARY KEY, author int)")
    query("INSERT INTO t VALUES (1, 77)")
    texts = schema()
    user = Reference("auth_user", ("id",))
    author = ConstraintSpec("foreign_key", None, ("author",), references=user)

    with pytest.raises(UnsupportedChangeError) as refusal, transaction.atomic():
        SQLiteEditor(connection).add_constraint("t", author)

    assert str(refusal.value) == (
        '[dynschema.E209] The table "t" cannot be changed: it would refer to rows of "auth_user" '
        "that are not there, in 1 of its rows. Correct or clear them first."
    )
    assert schema() == texts


def test_an_unfinished_query_is_told_from_a_failure(season):
    texts = schema()

    with transaction.atomic(), connection.cursor() as reader:
        reader.execute("SELECT * FROM player")
        reader.fetchone()
        with pytest.raises(BusyError) as refusal:
            relax(SQLiteEditor(connection))

    assert str(refusal.value) == (
        "[dynschema.E301] The change was not made: a query on this connection is unfinished; "
        "read it to its end with list(). Nothing was changed; try again."
    )
    assert schema() == texts
