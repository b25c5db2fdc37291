"""The statements that change a table, in standard SQL; each database overrides what differs.

Django's schema editors render the pieces (see `schema/rendering.py`) but do not run them: on
SQLite they refuse to work inside a transaction and rebuild a table from the model, dropping what
the model does not know; and on both databases their exit can leave the connection inside a
transaction that has ended. They may run them when Django has mended that (tickets 29182, 30023).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.schema.spec import ConstraintSpec, FieldSpec, TableSpec
from dynschema.schema.sqltext import quote


class Editor(ABC):
    """Changes tables inside the transaction that is open on the connection.

    Attributes:
        statements: the SQL run so far, in order, without a closing semicolon.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.statements: list[str] = []

    def settled(self, tables: Iterable[str]) -> AbstractContextManager[None]:
        """Return the context in which these tables may be changed."""
        return nullcontext()

    def run(self, sql: str) -> None:
        """Execute one statement and remember it."""
        self.statements.append(sql)
        with self.connection.cursor() as cursor:
            cursor.execute(sql)

    # Tables

    def create_table(self, table: TableSpec) -> None:
        """Create the table with its columns and constraints; the tables it refers to must exist."""
        pieces = [column_sql(field) for field in table.fields]
        pieces += [constraint_sql(each) for each in table.constraints if each.kind != "index"]
        self.run(f"CREATE TABLE {quote(table.name)} ({', '.join(pieces)})")
        for constraint in table.constraints:
            if constraint.kind == "index":
                self.add_constraint(table.name, constraint)

    def rename_table(self, old: str, new: str) -> None:
        """Give a table another name; what refers to it follows."""
        self.run(f"ALTER TABLE {quote(old)} RENAME TO {quote(new)}")

    # Columns

    @abstractmethod
    def add_field(
        self, table: str, field: FieldSpec, constraints: tuple[ConstraintSpec, ...] = ()
    ) -> None:
        """Add a column together with the checks and foreign keys of that column alone.

        Rows that exist get `field.fill`; it stays as the default where `field.keep_fill` says so.
        """

    def rename_field(self, table: str, old: str, new: str) -> None:
        """Give a column another name; indexes, constraints and views follow."""
        self.run(f"ALTER TABLE {quote(table)} RENAME COLUMN {quote(old)} TO {quote(new)}")

    def set_null(self, table: str, column: str, *, null: bool) -> None:
        """Let a column be NULL, or require a value."""
        action = "DROP" if null else "SET"
        self._alter_column(table, column, f"{action} NOT NULL")

    def set_default(self, table: str, column: str, default: str | None) -> None:
        """Set the default of the database to this SQL, or drop it."""
        action = "DROP DEFAULT" if default is None else f"SET DEFAULT {default}"
        self._alter_column(table, column, action)

    @abstractmethod
    def set_type(self, table: str, field: FieldSpec, *, is_empty: bool = False) -> None:
        """Give a column the type of `field`, all values kept; `is_empty` when there are none."""

    def fill(self, table: str, column: str, value: str) -> None:
        """Put an SQL value into every row in which the column is NULL."""
        name = quote(column)
        self.run(f"UPDATE {quote(table)} SET {name} = {value} WHERE {name} IS NULL")

    def _alter_column(self, table: str, column: str, action: str) -> None:
        self.run(f"ALTER TABLE {quote(table)} ALTER COLUMN {quote(column)} {action}")

    # Indexes and constraints

    def add_constraint(self, table: str, constraint: ConstraintSpec) -> None:
        """Add an index or a constraint."""
        if constraint.kind == "index":
            self.run(index_sql(table, constraint))
        else:
            self.run(f"ALTER TABLE {quote(table)} ADD {constraint_sql(constraint)}")

    def remove_constraint(self, table: str, constraint: ConstraintSpec) -> None:
        """Drop an index or a constraint that we made."""
        name = quote(constraint.name or "")
        if constraint.kind == "index":
            self.run(f"DROP INDEX {name}")
        else:
            self.run(f"ALTER TABLE {quote(table)} DROP CONSTRAINT {name}")

    def remove_constraints(self, table: str, constraints: Iterable[ConstraintSpec]) -> None:
        """Drop several indexes or constraints that we made."""
        for each in constraints:
            self.remove_constraint(table, each)

    def rename_constraint(self, table: str, constraint: ConstraintSpec, new: str) -> None:
        """Give an index or a constraint another name."""
        old = quote(constraint.name or "")
        if constraint.kind == "index":
            self.run(f"ALTER INDEX {old} RENAME TO {quote(new)}")
        else:
            self.run(f"ALTER TABLE {quote(table)} RENAME CONSTRAINT {old} TO {quote(new)}")


def column_sql(field: FieldSpec) -> str:
    """Return a column as it stands in CREATE TABLE."""
    parts = [quote(field.name), field.type, field.extra, "NULL" if field.null else "NOT NULL"]
    if field.default is not None:
        parts.append(f"DEFAULT {field.default}")
    return " ".join(filter(None, parts))


def constraint_sql(constraint: ConstraintSpec) -> str:
    """Return a constraint as it stands in CREATE TABLE or after ADD."""
    name = f"CONSTRAINT {quote(constraint.name)} " if constraint.name else ""
    return name + (foreign_key_sql(constraint) if constraint.references else constraint.sql)


def foreign_key_sql(constraint: ConstraintSpec) -> str:
    """Return `FOREIGN KEY (…) REFERENCES …`."""
    columns = ", ".join(map(quote, constraint.columns))
    return f"FOREIGN KEY ({columns}) {references_sql(constraint)}"


def references_sql(constraint: ConstraintSpec) -> str:
    """Return `REFERENCES …` with the action and the deferral."""
    target = constraint.references
    assert target is not None, constraint
    columns = ", ".join(map(quote, target.columns))
    action = "" if target.on_delete == "NO ACTION" else f" ON DELETE {target.on_delete}"
    deferral = " DEFERRABLE INITIALLY DEFERRED" if target.deferrable else ""
    return f"REFERENCES {quote(target.table)} ({columns}){action}{deferral}"


def index_sql(table: str, index: ConstraintSpec) -> str:
    """Return the statement that creates an index."""
    unique = "UNIQUE " if index.unique else ""
    return f"CREATE {unique}INDEX {quote(index.name or '')} ON {quote(table)} {index.sql}"
