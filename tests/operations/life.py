"""Takes an operation through its life: asked, carried out, read back, undone, read back."""

from django.db import connection

from dynschema.schema.dialects import dialect_of
from dynschema.schema.questions import Questions
from dynschema.schema.spec import ConstraintSpec, FieldSpec, Reference, TableSpec
from dynschema.schema.sqltext import quote

ID = FieldSpec("id", "integer", null=False, extra="PRIMARY KEY")
NAME = FieldSpec("name", "varchar(20)", key="question:1")
AGE = FieldSpec("age", "integer", key="question:2")
PEOPLE = TableSpec("people", (ID, NAME, AGE), key="survey:1")

ROOM = FieldSpec("room_id", "integer", key="question:3")
ROOMS = TableSpec("rooms", (ID, NAME))
ROOM_KEY = ConstraintSpec(
    "foreign_key", "people_room_fk", ("room_id",), references=Reference("rooms", ("id",))
)
GUESTS = TableSpec("people", (ID, NAME, ROOM), (ROOM_KEY,), key="survey:1")

ANN_AND_BOB = [(1, "Ann", 40), (2, "Bob", 50)]


def make_editor():
    return dialect_of(connection).editor(connection)


def read(table="people"):
    return dialect_of(connection).read_tables(connection, [table]).get(table)


def make(table, rows=()):
    make_editor().create_table(table)
    insert(table.name, rows)


def insert(table, rows):
    name = quote(table).replace("%", "%%")
    for row in rows:
        places = ", ".join(["%s"] * len(row))
        run(f"INSERT INTO {name} VALUES ({places})", row)


def run(sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def rows(table="people"):
    return run(f"SELECT * FROM {quote(table)} ORDER BY 1")


def carry_out(*operations):
    """Ask and apply as a plan does; return the codes of the hazards."""
    hazards = ask(*operations)
    editor = make_editor()
    with editor.settled({each.table for each in operations}):
        for operation in operations:
            operation.apply(editor)
    return [hazard.code for hazard in hazards]


def ask(*operations):
    """Put the questions of all operations to the data, before any of them runs."""
    questions, hazards = Questions(connection), []
    for operation in operations:
        hazards += operation.check(questions)
        questions = questions.after(operation)
    return hazards


def undo(operation):
    carry_out(operation.reverse())


def field(name, table="people"):
    return read(table).field(name)


def constraint_names(table="people"):
    return {each.name for each in read(table).constraints}
