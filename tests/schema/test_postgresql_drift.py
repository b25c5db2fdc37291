"""Every kind of drift between a live table and what is wanted is found, and nothing else is."""

import pytest
from django.apps.registry import Apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models
from django.db.models.functions import Lower

from dynschema.schema.editors.postgresql import PostgreSQLEditor
from dynschema.schema.introspection.postgresql import read_tables
from dynschema.schema.introspection.postgresql_scratch import Normaliser
from dynschema.schema.rendering import render_table
from tests.schema.postgresql_models import build_model

pytestmark = [pytest.mark.django_db, pytest.mark.only("postgresql")]


def foreign_key(rest):
    """Make the foreign key anew with something else at its end."""
    new = f"FOREIGN KEY (target_id) REFERENCES things_target {rest}"
    return f"DROP CONSTRAINT fk, ADD CONSTRAINT fk {new}"


# What somebody did to the table by hand, and where it must be seen.
DRIFT = {
    # Columns
    "a column is missing": ("DROP COLUMN ratio", "ratio"),
    "a column is new": ("ADD COLUMN hand integer", "hand"),
    "a column has another name": ("RENAME COLUMN ratio TO share", "ratio", "share"),
    "a smaller integer": ("ALTER preset TYPE smallint", "preset"),
    "a larger integer": ("ALTER preset TYPE bigint", "preset"),
    "a shorter text": ("ALTER free TYPE varchar(10)", "free"),
    "a text without limit": ("ALTER free TYPE text", "free", "low"),
    "another precision": ("ALTER price TYPE numeric(12, 2)", "price"),
    "another scale": ("ALTER price TYPE numeric(10, 3)", "price"),
    "a shorter float": ("ALTER ratio TYPE real", "ratio"),
    "a moment without time zone": ("ALTER moment TYPE timestamp", "moment"),
    "a moment of less precision": ("ALTER moment TYPE timestamptz(0)", "moment"),
    "another kind of JSON": ("ALTER notes TYPE json", "notes"),
    "an array of something else": ("ALTER numbers TYPE bigint[]", "numbers"),
    "another collation": ('ALTER free TYPE varchar(20) COLLATE "C"', "free"),
    "an optional column is required": ("ALTER n SET NOT NULL", "n"),
    "a required column is optional": ("ALTER free DROP NOT NULL", "free"),
    "a default is new": ("ALTER n SET DEFAULT 1", "n"),
    "a default is gone": ("ALTER preset DROP DEFAULT", "preset"),
    "another default": ("ALTER preset SET DEFAULT 8", "preset"),
    "the identity is gone": ("ALTER id DROP IDENTITY", "id"),
    "the identity is strict": ("ALTER id SET GENERATED ALWAYS", "id"),
    "the primary key is gone": ("DROP CONSTRAINT things_thing_pkey", "id"),
    "a generated column is a plain one": ("ALTER twice DROP EXPRESSION", "twice"),
    "another expression": (
        "DROP COLUMN twice, ADD COLUMN twice bigint GENERATED ALWAYS AS (n * 3) STORED",
        "twice",
    ),
    # Constraints
    "a unique is missing": ("DROP CONSTRAINT uniq", "uniq"),
    "a unique is new": ("ADD CONSTRAINT hand UNIQUE (price)", "hand"),
    "a unique of other columns": (
        "DROP CONSTRAINT uniq, ADD CONSTRAINT uniq UNIQUE (free, n)",
        "uniq",
    ),
    "a unique can wait": (
        "DROP CONSTRAINT uniq, ADD CONSTRAINT uniq UNIQUE (n, free) DEFERRABLE",
        "uniq",
    ),
    "a unique for which all NULLs are the same": (
        "DROP CONSTRAINT uniq, ADD CONSTRAINT uniq UNIQUE NULLS NOT DISTINCT (n, free)",
        "uniq",
    ),
    "a check is missing": ("DROP CONSTRAINT chk", "chk"),
    "a check is new": ("ADD CONSTRAINT hand CHECK (n < 9)", "hand"),
    "another check": ("DROP CONSTRAINT chk, ADD CONSTRAINT chk CHECK (n >= 1)", "chk"),
    "a check is not validated": (
        "DROP CONSTRAINT chk, ADD CONSTRAINT chk CHECK (n > 0) NOT VALID",
        "chk",
    ),
    "a foreign key is missing": ("DROP CONSTRAINT fk", "fk"),
    "another action": (foreign_key("ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"), "fk"),
    "another target": (foreign_key("(code) DEFERRABLE INITIALLY DEFERRED"), "fk"),
    "a foreign key that cannot wait": (foreign_key(""), "fk"),
    "a foreign key that is checked at once": (foreign_key("DEFERRABLE"), "fk"),
    "a foreign key that follows updates": (
        foreign_key("ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED"),
        "fk",
    ),
    "a foreign key is not validated": (
        foreign_key("DEFERRABLE INITIALLY DEFERRED NOT VALID"),
        "fk",
    ),
    # Indexes
    "an index is missing": ("DROP INDEX idx", "idx"),
    "an index is new": ("CREATE INDEX hand ON things_thing (price)", "hand"),
    "an index in another order": ("CREATE INDEX idx ON things_thing (n, free DESC)", "idx"),
    "an index of other columns": ("CREATE INDEX idx ON things_thing (n, price)", "idx"),
    "an index is unique": ("CREATE UNIQUE INDEX idx ON things_thing (n, free)", "idx"),
    "another method": ("CREATE INDEX plain ON things_thing USING hash (n)", "plain"),
    "another expression in an index": ("CREATE INDEX low ON things_thing (upper(free))", "low"),
    "another condition": ("CREATE INDEX part ON things_thing (n) WHERE n > 9", "part"),
    "no condition": ("CREATE INDEX part ON things_thing (n)", "part"),
    "another operator class": (
        "CREATE INDEX gin ON things_thing USING gin (data jsonb_path_ops)",
        "gin",
    ),
    "a column comes along": ("CREATE INDEX plain ON things_thing (n) INCLUDE (price)", "plain"),
}


def drifting_models():
    """Build a target and a model with something of everything."""
    apps = Apps()
    target = build_model({"code": models.BigIntegerField(unique=True)}, None, "Target", apps)
    positive = models.Q(n__gt=0)
    meta = {
        "constraints": [
            models.UniqueConstraint(fields=["n", "free"], name="uniq"),
            models.CheckConstraint(condition=positive, name="chk"),
        ],
        "indexes": [
            models.Index(fields=["n", "free"], name="idx"),
            models.Index(fields=["n"], name="plain"),
            models.Index(Lower("free"), name="low"),
            models.Index(fields=["n"], condition=positive, name="part"),
            GinIndex(fields=["data"], name="gin"),
        ],
    }
    fields = {
        "n": models.IntegerField(null=True),
        "free": models.CharField(max_length=20),
        "price": models.DecimalField(max_digits=10, decimal_places=2),
        "ratio": models.FloatField(),
        "moment": models.DateTimeField(),
        "data": models.JSONField(),
        "notes": models.JSONField(),
        "numbers": ArrayField(models.IntegerField()),
        "preset": models.IntegerField(db_default=7),
        "twice": models.GeneratedField(
            expression=models.F("n") * 2, output_field=models.BigIntegerField(), db_persist=True
        ),
        "target": models.ForeignKey(target, models.CASCADE, db_index=False),
    }
    return target, build_model(fields, meta, apps=apps)


@pytest.fixture
def wanted(db):
    """Create both tables and give the wanted one."""
    editor = PostgreSQLEditor(connection)
    target, thing = (render_table(connection, each, "k:1", {}) for each in drifting_models())
    editor.create_table(target)
    editor.create_table(thing)
    editor.rename_constraint(
        thing.name, next(each for each in thing.constraints if each.references), "fk"
    )
    return thing


def pieces(table):
    """Give the shape of each column and constraint by name."""
    return {
        "fk" if getattr(each, "references", None) else each.name: each.shape
        for each in (*table.fields, *table.constraints)
    }


def differences(wanted):
    """Name the pieces of the live table that are not as wanted."""
    normal = pieces(Normaliser().normal(connection, wanted))
    actual = pieces(read_tables(connection, [wanted.name])[wanted.name])
    return {name for name in normal | actual if normal.get(name) != actual.get(name)}


def execute(change, names):
    with connection.cursor() as cursor:
        if change.startswith("CREATE") and "hand" not in names:
            cursor.execute(f"DROP INDEX {names[0]}")
        change = change if "INDEX" in change else f"ALTER TABLE things_thing {change}"
        cursor.execute(change)


def test_a_table_as_it_was_made_does_not_differ(wanted):
    assert differences(wanted) == set()


@pytest.mark.parametrize("kind", DRIFT)
def test_drift_is_found_where_it_is(kind, wanted):
    change, *names = DRIFT[kind]

    execute(change, names)

    assert differences(wanted) == set(names)


def test_an_index_that_is_not_valid_differs(wanted):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'plain'::regclass"
        )

    found = differences(wanted)

    assert found == {"plain"}


def test_a_serial_column_is_the_same_as_an_identity(wanted):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE things_thing ALTER id DROP IDENTITY")
        cursor.execute("CREATE SEQUENCE hand OWNED BY things_thing.id")
        cursor.execute("ALTER TABLE things_thing ALTER id SET DEFAULT nextval('hand')")

    found = differences(wanted)

    assert found == set()


def test_a_default_from_the_sequence_of_another_table_is_not_an_identity(wanted):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE things_thing ALTER id DROP IDENTITY")
        cursor.execute("CREATE SEQUENCE hand")
        cursor.execute("ALTER TABLE things_thing ALTER id SET DEFAULT nextval('hand')")

    found = differences(wanted)

    assert found == {"id"}
