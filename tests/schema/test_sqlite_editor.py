"""Each change of an SQLite table, and the statements that it takes."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection

from dynschema.exceptions import UnsupportedChangeError
from dynschema.schema.editors.sqlite import SQLiteEditor
from dynschema.schema.editors.sqlite_replica import preview
from dynschema.schema.introspection.sqlite import read_tables
from dynschema.schema.spec import ConstraintSpec, FieldSpec, Reference, TableSpec
from tests.schema.sqlite_state import contents, query, schema

pytestmark = [pytest.mark.only("sqlite"), pytest.mark.django_db]

NUMBER = FieldSpec("age", "integer")
USER = ConstraintSpec("foreign_key", "k", ("age",), references=Reference("auth_user", ("id",)))
ADULT = ConstraintSpec("check", "adult", ("age",), 'CHECK ("age" >= 18)')


@pytest.fixture
def editor():
    query('CREATE TABLE "t" ("id" integer NOT NULL PRIMARY KEY, "name" varchar(9) NOT NULL)')
    query("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    return SQLiteEditor(connection)


def text(name="t"):
    return query(f"SELECT sql FROM sqlite_master WHERE name = '{name}'")[0][0]


@pytest.mark.parametrize(
    ("field", "column"),
    [
        (NUMBER, '"age" integer NULL'),
        (replace(NUMBER, default="7"), '"age" integer NULL DEFAULT 7'),
        (replace(NUMBER, null=False, default="-7"), '"age" integer NOT NULL DEFAULT -7'),
        (
            replace(NUMBER, null=False, fill="'100%'", keep_fill=True),
            "\"age\" integer NOT NULL DEFAULT '100%'",
        ),
        (
            replace(NUMBER, extra='GENERATED ALWAYS AS ("id" + 1) VIRTUAL'),
            '"age" integer GENERATED ALWAYS AS ("id" + 1) VIRTUAL NULL',
        ),
    ],
)
def test_a_column_that_needs_no_rebuild_takes_one_statement(editor, field, column):
    editor.add_field("t", field)

    assert editor.statements == [f'ALTER TABLE "t" ADD COLUMN {column}']


@pytest.mark.parametrize(
    ("field", "constraints", "value"),
    [
        (replace(NUMBER, fill="41"), (ADULT,), 41),
        (replace(NUMBER, fill="41", default="42"), (), 41),
        (replace(NUMBER, fill="41", keep_fill=True), (), 41),
        (replace(NUMBER, null=False, fill="41"), (ADULT,), 41),
        (replace(NUMBER, null=False, fill="41", default="42"), (), 41),
        (replace(NUMBER, null=False, default="abs(-42)"), (), 42),
        (replace(NUMBER, extra='GENERATED ALWAYS AS (41 + "id" - "id") STORED'), (), 41),
        (NUMBER, (USER,), None),
        (replace(NUMBER, fill="9"), (USER,), 9),
        (replace(NUMBER, null=False, fill="9", keep_fill=True), (USER,), 9),
    ],
)
def test_the_rows_there_get_the_value_that_is_meant_for_them(editor, field, constraints, value):
    User.objects.create(id=9)
    expected = replace(field, fill=None, keep_fill=False)
    if field.keep_fill:
        expected = replace(expected, default=field.fill)
    foretold = preview(connection, lambda replica: replica.add_field("t", field, constraints))

    editor.add_field("t", field, constraints)

    table = read_tables(connection, ["t"])["t"]
    assert query("SELECT id, name, age FROM t") == [(1, "a", value), (2, "b", value)]
    assert table.field("age").name == "age"
    assert table.field("age").null == expected.null
    assert (table.field("age").default or "").lower() == (expected.default or "")
    assert table.constraints == constraints
    assert editor.statements == foretold
    connection.check_constraints()


def test_an_empty_table_takes_a_required_column_as_it_is(editor):
    query("DELETE FROM t")

    editor.add_field("t", replace(NUMBER, null=False), (ADULT,))

    assert editor.statements == [
        'ALTER TABLE "t" ADD COLUMN "age" integer NOT NULL CONSTRAINT "adult" CHECK ("age" >= 18)'
    ]


def test_a_renamed_column_takes_along_all_that_speaks_of_it(editor):
    query("CREATE INDEX i ON t (name) WHERE name > 'a'")
    query("CREATE VIEW v AS SELECT name FROM t")
    query("CREATE TABLE log (line text)")
    query("CREATE TRIGGER g AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (NEW.name); END")

    editor.rename_field("t", "name", "Title %s")
    query("UPDATE t SET \"Title %s\" = 'c' WHERE id = 1")

    assert editor.statements == ['ALTER TABLE "t" RENAME COLUMN "name" TO "Title %s"']
    assert contents("t", "v", "log") == {
        "t": [(1, "c"), (2, "b")],
        "v": [("c",), ("b",)],
        "log": [("c",)],
    }
    assert text("i") == 'CREATE INDEX i ON t ("Title %s") WHERE "Title %s" > \'a\''


def test_a_column_may_change_its_capitals(editor):
    editor.rename_field("t", "name", "Name")

    assert [field.name for field in read_tables(connection, ["t"])["t"].fields] == ["id", "Name"]


def test_a_renamed_table_takes_along_all_that_speaks_of_it(editor):
    query("CREATE TABLE child (parent int REFERENCES t (id) ON DELETE CASCADE)")
    query("CREATE TABLE log (line text)")
    query("CREATE TRIGGER g AFTER INSERT ON log BEGIN DELETE FROM t WHERE id = 2; END")
    query("CREATE VIEW v AS SELECT name FROM t")
    query("INSERT INTO child VALUES (1), (2)")

    editor.rename_table("t", "T")
    editor.rename_table("T", "new 100%")
    query("INSERT INTO log VALUES ('x')")

    assert contents('"new 100%"', "child", "v") == {
        '"new 100%"': [(1, "a")],
        "child": [(1,)],
        "v": [("a",)],
    }


def test_a_rename_follows_also_where_the_old_behaviour_was_switched_on(editor):
    query("CREATE TABLE child (parent int REFERENCES t (id))")
    query("CREATE VIEW v AS SELECT name FROM t")
    query("PRAGMA legacy_alter_table = 1")

    editor.rename_table("t", "u")

    setting = query("PRAGMA legacy_alter_table")
    query("PRAGMA legacy_alter_table = 0")
    assert setting == [(1,)]
    assert text("child") == 'CREATE TABLE child (parent int REFERENCES "u" (id))'
    assert query("SELECT * FROM v") == [("a",), ("b",)]


def test_a_view_and_a_trigger_that_are_broken_anyway_are_no_obstacle(editor):
    query("CREATE VIEW broken AS SELECT lost FROM nowhere")
    query("CREATE TRIGGER instead INSTEAD OF DELETE ON broken BEGIN SELECT 1; END")
    query("CREATE TABLE log (line text)")
    query("CREATE TRIGGER gone AFTER INSERT ON log BEGIN DELETE FROM nowhere; END")
    query("CREATE VIEW fine AS SELECT name FROM t")
    before = {entry for entry in schema() if entry[1] in {"broken", "instead", "gone"}}

    editor.rename_field("t", "id", "number")
    editor.rename_table("t", "u")

    after = {entry for entry in schema() if entry[1] in {"broken", "instead", "gone"}}
    assert after == before
    assert query("SELECT * FROM fine") == [("a",), ("b",)]


def test_a_rename_that_would_break_a_view_is_refused(editor):
    query("CREATE TABLE other (title text)")
    query("CREATE VIEW v AS SELECT name, title FROM t, other")
    texts = schema()

    with pytest.raises(DatabaseError, match="error in view v after rename: ambiguous column name"):
        editor.rename_field("t", "name", "title")

    assert schema() == texts


def test_a_column_changes_and_the_others_do_not(editor):
    editor.set_null("t", "name", null=True)
    editor.set_default("t", "name", "upper('x')")
    editor.set_type("t", FieldSpec("name", "text", extra='COLLATE "NOCASE"'))

    assert text() == (
        'CREATE TABLE "t" ("id" integer NOT NULL PRIMARY KEY, '
        """"name" text DEFAULT (upper('x')) COLLATE "NOCASE")"""
    )
    assert contents("t") == {"t": [(1, "a"), (2, "b")]}


def test_a_column_is_put_back_as_it_was(editor):
    before = text()

    editor.set_null("t", "name", null=True)
    editor.set_default("t", "name", "'x'")
    editor.set_default("t", "name", None)
    editor.set_null("t", "name", null=False)

    assert text() == before


def test_a_change_that_is_there_already_runs_nothing(editor):
    editor.set_null("t", "name", null=False)
    editor.set_default("t", "name", None)

    assert editor.statements == []


def test_empty_values_are_filled(editor):
    editor.add_field("t", NUMBER)

    editor.fill("t", "age", "abs(-3)")

    assert contents("t") == {"t": [(1, "a", 3), (2, "b", 3)]}


@pytest.mark.parametrize(
    "constraint",
    [
        ADULT,
        replace(ADULT, name=None),
        USER,
        replace(USER, name=None),
        replace(USER, name=None, references=Reference("auth_user", ("id",), "CASCADE", key="user")),
        ConstraintSpec("unique", "k", ("age", "name"), 'UNIQUE ("age", "name")', unique=True),
        ConstraintSpec("unique", None, ("age",), 'UNIQUE ("age")', unique=True),
        ConstraintSpec("index", "k", ("age",), '("age" DESC, abs("age")) WHERE "age" > 3'),
        ConstraintSpec("index", "k", ("age",), '("age")', unique=True),
    ],
)
def test_a_constraint_comes_and_goes(editor, constraint):
    editor.add_field("t", NUMBER)
    before = read_tables(connection, ["t"])["t"]

    editor.add_constraint("t", constraint)
    (found,) = read_tables(connection, ["t"])["t"].constraints
    editor.remove_constraint("t", constraint)

    assert (found.kind, found.name, found.columns) == (
        constraint.kind,
        constraint.name,
        constraint.columns,
    )
    assert read_tables(connection, ["t"])["t"] == before


def test_of_two_equal_clauses_only_the_one_that_was_meant_goes(editor):
    query("CREATE TABLE two (a int UNIQUE, b int UNIQUE)")
    unique = ConstraintSpec("unique", None, ("a",), 'UNIQUE ("a")', unique=True)

    editor.remove_constraint("two", unique)

    assert text("two") == "CREATE TABLE two (a int, b int UNIQUE)"


def test_a_foreign_key_goes_with_its_deferral(editor):
    query(
        """CREATE TABLE two (
            a int REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED,
            b int REFERENCES t (id) ON DELETE SET NULL not /* ! */ deferrable NOT NULL)"""
    )
    first, second = read_tables(connection, ["two"])["two"].constraints

    editor.remove_constraint("two", second)

    assert read_tables(connection, ["two"])["two"].constraints == (first,)
    assert text("two").endswith("DEFERRED,\n            b int NOT NULL)")


def test_a_constraint_that_is_not_there_is_not_removed(editor):
    with pytest.raises(UnsupportedChangeError) as refusal:
        editor.remove_constraint("t", ADULT)

    assert str(refusal.value) == (
        '[dynschema.E209] The table "t" cannot be changed: it has no constraint "adult". '
        "Compare the table with its definition again."
    )


def test_indexes_and_constraints_get_other_names(editor):
    query("CREATE TABLE n (a int CONSTRAINT /* mine */ old CHECK (a > 0), CHECK (a < 9))")
    query("CREATE UNIQUE INDEX i ON n (a) WHERE a > 3")
    check, _, index = read_tables(connection, ["n"])["n"].constraints

    editor.rename_constraint("n", check, "new")
    editor.rename_constraint("n", index, "j")

    names = [each.name for each in read_tables(connection, ["n"])["n"].constraints]
    assert names == ["new", None, "j"]
    assert text("n") == 'CREATE TABLE n (a int CONSTRAINT "new" CHECK (a > 0), CHECK (a < 9))'
    assert text("j") == 'CREATE UNIQUE INDEX "j" ON "n" ("a") WHERE "a" > 3'


def test_a_plan_is_foretold_without_touching_the_database(editor):
    query("CREATE TABLE child (parent int REFERENCES t (id) ON DELETE CASCADE)")
    query("CREATE TABLE counted (id integer PRIMARY KEY AUTOINCREMENT, n int)")
    query("INSERT INTO counted VALUES (41, 1)")
    query("CREATE VIEW v AS SELECT name FROM t")
    before = schema()

    def change(editor):
        editor.create_table(TableSpec("empty", (NUMBER,)))
        editor.add_field("empty", FieldSpec("required", "text", null=False))
        editor.rename_table("t", "u")
        editor.add_field("u", replace(NUMBER, null=False, fill="3"))
        editor.set_null("counted", "n", null=False)

    foretold = preview(connection, change)
    unchanged = schema()
    change(editor)

    assert unchanged == before
    assert editor.statements == foretold
    assert "INSERT INTO sqlite_sequence (name, seq) VALUES ('counted', 41)" in foretold
