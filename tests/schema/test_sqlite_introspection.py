"""What SQLite's catalog says is what was wanted, however the table got there."""

import re
from dataclasses import replace

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from dynschema.schema.editors.sqlite import SQLiteEditor
from dynschema.schema.introspection.sqlite import normal, read_tables
from dynschema.schema.introspection.sqlite_text import parse_table
from dynschema.schema.rendering import render_table
from dynschema.schema.spec import ConstraintSpec, FieldSpec, Reference
from dynschema.schema.sqltext import quote
from tests.schema.sqlite_models import FIELDS, models_with_every_option
from tests.schema.sqlite_state import query

pytestmark = [pytest.mark.only("sqlite")]

MODELS = models_with_every_option()
USER = Reference("auth_user", ("id",))
# The text, the fields and the constraints that it has.
HAND_MADE = {
    """create table t (
        a INT, -- one, (two
        [b c] varchar ( 3 )/* , */ not null default((-1)),
        `d` )""": (
        [
            FieldSpec("a", "int"),
            FieldSpec("b c", "varchar(3)", null=False, default="-1"),
            FieldSpec("d", ""),
        ],
        [],
    ),
    """CREATE TABLE t (
        "a""b" text DEFAULT 'x)'',(' COLLATE nocase,
        'e' text CHECK( e<>'),(' ))""": (
        [
            FieldSpec('a"b', "text", default="'x)'',('", extra='COLLATE "nocase"'),
            FieldSpec("e", "text"),
        ],
        [ConstraintSpec("check", None, ("e",), "CHECK (\"e\" <> '),(')")],
    ),
    """CREATE TABLE t (key text, größe int, PRIMARY KEY (key, größe)) WITHOUT ROWID, STRICT""": (
        [FieldSpec("key", "text", null=False), FieldSpec("größe", "int", null=False)],
        [
            ConstraintSpec(
                "unique", None, ("key", "größe"), 'PRIMARY KEY (KEY, "größe")', unique=True
            )
        ],
    ),
    """CREATE TABLE t (
        Age int CONSTRAINT old CHECK (age>=18) UNIQUE ON CONFLICT ignore NULL,
        constraint one unique (AGE))""": (
        [FieldSpec("Age", "int")],
        [
            ConstraintSpec("check", "old", ("Age",), 'CHECK ("age" >= 18)'),
            ConstraintSpec(
                "unique", None, ("Age",), 'UNIQUE ("Age") ON CONFLICT IGNORE', unique=True
            ),
            ConstraintSpec("unique", "one", ("Age",), 'UNIQUE ("AGE")', unique=True),
        ],
    ),
    """CREATE TABLE t (
        u int REFERENCES auth_user(id) ON DELETE SET NULL NOT DEFERRABLE DEFAULT NULL,
        v int constraint f references auth_user (id) deferrable initially deferred,
        FOREIGN KEY (v) REFERENCES [auth_user] ON UPDATE CASCADE)""": (
        [FieldSpec("u", "int", default="NULL"), FieldSpec("v", "int")],
        [
            ConstraintSpec(
                "foreign_key",
                None,
                ("u",),
                references=replace(USER, on_delete="SET NULL", deferrable=False),
            ),
            ConstraintSpec("foreign_key", "f", ("v",), references=USER),
            ConstraintSpec(
                "foreign_key",
                None,
                ("v",),
                "ON UPDATE CASCADE",
                references=Reference("auth_user", (), deferrable=False),
            ),
        ],
    ),
    """CREATE TABLE t (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        g int as (ID+1),
        h int GENERATED ALWAYS AS (g) STORED)""": (
        [
            FieldSpec("id", "integer", null=False, extra="PRIMARY KEY AUTOINCREMENT"),
            FieldSpec("g", "int", extra='GENERATED ALWAYS AS ("ID" + 1) VIRTUAL'),
            FieldSpec("h", "int", extra='GENERATED ALWAYS AS ("g") STORED'),
        ],
        [],
    ),
}


def render(model):
    return render_table(connection, model, "thing:1", {"x": "question:1"})


def actual_table(name="things_thing"):
    return read_tables(connection, [name])[name]


def shapes(table):
    """All that is compared, whatever the names of the constraints are."""
    fields = {field.name: field.shape for field in table.fields}
    return fields, sorted(repr(each.shape) for each in table.constraints)


def indexed(table):
    """Give the constraints with the UNIQUE that Django writes as the unique index that we make."""
    return tuple(
        replace(each, kind="index", sql=each.sql.removeprefix("UNIQUE "))
        if each.sql.startswith("UNIQUE")
        else each
        for each in table.constraints
    )


def without_digits(table):
    """Django does not tell SQLite the digits of a decimal."""
    fields = (
        replace(each, type=re.sub(r"^decimal\(.*", "decimal", each.type)) for each in table.fields
    )
    return replace(table, fields=fields)


@pytest.mark.django_db
@pytest.mark.parametrize("word", MODELS)
def test_a_table_that_we_made_equals_what_was_wanted(word):
    wanted = render(MODELS[word])

    SQLiteEditor(connection).create_table(wanted)

    assert shapes(actual_table()) == shapes(normal(wanted))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("word", MODELS)
def test_a_table_that_django_made_equals_what_was_wanted(word):
    with connection.schema_editor() as editor:
        editor.create_model(MODELS[word])

    actual = actual_table()

    with connection.schema_editor() as editor:
        editor.delete_model(MODELS[word])
    wanted = without_digits(normal(render(MODELS[word])))
    assert shapes(replace(actual, constraints=indexed(actual))) == shapes(wanted)


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [0, 1])
@pytest.mark.parametrize(
    "word", sorted(word for word in FIELDS if not word.endswith(("auto", "key")))
)
def test_a_column_that_was_added_equals_what_was_wanted(word, rows):
    wanted = render(MODELS[word])
    (added,) = (field for field in wanted.fields if field.name not in {"id", "a", "b"})
    alone = [each for each in wanted.constraints if each.kind in {"check", "foreign_key"}]
    rest = [each for each in wanted.constraints if each not in alone]
    without = tuple(field for field in wanted.fields if field != added)
    editor = SQLiteEditor(connection)
    editor.create_table(replace(wanted, fields=without, constraints=()))
    if rows:
        query("INSERT INTO things_thing (b) VALUES ('x')")
    if not (added.null or added.fill or added.default):
        added = replace(added, fill="7")

    editor.add_field(wanted.name, replace(added, keep_fill=False), tuple(alone))
    for constraint in rest:
        editor.add_constraint(wanted.name, constraint)

    assert shapes(actual_table()) == shapes(normal(wanted))
    assert query("SELECT count(*) FROM things_thing") == [(rows,)]


@pytest.mark.django_db
@pytest.mark.parametrize("word", MODELS)
def test_a_table_that_was_renamed_with_its_columns_equals_what_was_wanted(word):
    wanted = render(MODELS[word])
    names = {field.name: f'{field.name} "new"' for field in wanted.fields}
    editor = SQLiteEditor(connection)
    editor.create_table(wanted)

    for old, new in names.items():
        editor.rename_field(wanted.name, old, new)
    editor.rename_table(wanted.name, 'it\'s "new"')

    renamed = wanted.renamed('it\'s "new"', names)
    itself = tuple(pointing(each, wanted.name, renamed.name, names) for each in renamed.constraints)
    expected = normal(replace(renamed, constraints=itself))
    assert shapes(actual_table(renamed.name)) == shapes(expected)


def pointing(constraint, old, new, names):
    """Let a foreign key that points at its own table point at the new names."""
    target = constraint.references
    if target is None or target.table != old:
        return constraint
    columns = tuple(names[name] for name in target.columns)
    return replace(constraint, references=replace(target, table=new, columns=columns))


@pytest.mark.parametrize("word", MODELS)
def test_the_normal_form_keeps_names_keys_and_fills(word):
    wanted = render(MODELS[word])

    found = normal(wanted)

    assert (found.name, found.key) == (wanted.name, wanted.key)
    assert [(f.name, f.key, f.fill, f.keep_fill) for f in found.fields] == [
        (f.name, f.key, f.fill, f.keep_fill) for f in wanted.fields
    ]
    assert [each.name for each in found.constraints] == [each.name for each in wanted.constraints]
    assert normal(found) == found


@pytest.mark.django_db
@pytest.mark.parametrize("text", HAND_MADE)
def test_hand_made_text_is_read_for_what_it_says(text):
    fields, constraints = HAND_MADE[text]
    query(text)

    table = actual_table("t")

    assert list(table.fields) == fields
    assert list(table.constraints) == constraints


@pytest.mark.django_db
def test_indexes_are_read_in_one_spelling():
    query("CREATE TABLE t (a int, b text)")
    query(
        """create unique index [i 1] on t(a desc,lower( b ),B collate nocase)
           where a>-1 and b is not null"""
    )
    query('CREATE INDEX "on" ON "t" ("b")')

    table = actual_table("t")

    assert table.constraints == (
        ConstraintSpec(
            "index",
            "i 1",
            ("a", "b"),
            '("a" DESC, LOWER("b"), "B" COLLATE "nocase") WHERE "a" > -1 AND "b" IS NOT NULL',
            unique=True,
        ),
        ConstraintSpec("index", "on", ("b",), '("b")'),
    )


@pytest.mark.django_db
def test_all_tables_are_read_with_one_query(django_assert_num_queries):
    query("CREATE TABLE t (a int)")
    query("CREATE VIRTUAL TABLE f USING fts5(body)")

    with django_assert_num_queries(1):
        tables = read_tables(connection)

    assert {"t", "auth_user", "django_content_type"} <= set(tables)
    assert not {"f", "sqlite_sequence"} & set(tables)


@pytest.mark.django_db
def test_a_missing_table_is_left_out():
    assert read_tables(connection, ["missing"]) == {}


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
NAMES = st.lists(
    TEXT.filter(lambda name: name and not name.lower().startswith("sqlite_")),
    min_size=2,
    max_size=4,
    unique_by=lambda name: name.encode().lower(),  # as SQLite compares them
)


@pytest.mark.django_db(transaction=True)
@given(names=NAMES, value=TEXT, comment=TEXT)
def test_any_names_and_strings_are_read_as_they_were_written(names, value, comment):
    table, *columns = names
    literal = "'" + value.replace("'", "''") + "'"
    gap = f"/* {comment.replace('*/', '')} */"
    check = f"CHECK ({quote(columns[0])} <> {literal})"
    pieces = [f"{quote(name)} text{gap}DEFAULT {literal}" for name in columns]
    sql = f"CREATE TABLE {quote(table)} ({', '.join(pieces)}, {check})"

    with transaction.atomic():
        query(sql)
        actual = actual_table(table)
        transaction.set_rollback(True)

    assert str(parse_table(sql)) == sql
    assert actual.fields == tuple(FieldSpec(name, "text", default=literal) for name in columns)
    assert actual.constraints == (ConstraintSpec("check", None, (columns[0],), check),)
