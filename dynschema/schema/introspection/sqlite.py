"""Reads the actual tables from the catalog of SQLite, all of them with one query."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.schema.editors.base import column_sql, constraint_sql, index_sql
from dynschema.schema.introspection.catalog_print import catalog_print
from dynschema.schema.introspection.sqlite_clauses import (
    parsed,
    read_constraints,
    read_field,
    read_index,
)
from dynschema.schema.introspection.sqlite_spelling import bare, significant
from dynschema.schema.introspection.sqlite_text import parse_segment, parse_table
from dynschema.schema.spec import ConstraintSpec, FieldSpec, TableSpec

# An index that SQLite made for a UNIQUE or PRIMARY KEY has no text. The catalog has no index, and
# conditions are tried in this order: the one by name goes first, since it leaves the fewest rows.
CATALOG = r"""
SELECT type, tbl_name, sql FROM sqlite_master
 WHERE (%s IS NULL OR tbl_name IN (SELECT value FROM json_each(%s)))
   AND type IN ('table', 'index') AND sql IS NOT NULL
   AND sql NOT LIKE 'CREATE VIRTUAL%%' AND name NOT LIKE 'sqlite\_%%' ESCAPE '\'
"""

NAMES = r"SELECT lower(name) FROM sqlite_master WHERE name LIKE %s ESCAPE '\'"


def read_tables(
    connection: BaseDatabaseWrapper, names: Iterable[str] | None = None
) -> dict[str, TableSpec]:
    """Read live tables.

    Args:
        connection: one query is made on it, however many tables there are.
        names: the tables to read, as the database spells them; None for all.

    Returns:
        The tables by name; those that do not exist are missing. Names are as they are, types and
        expressions in one spelling, see `normal`.
    """
    texts = _read_texts(connection, names)
    return {name: read_table(name, *statements) for name, statements in texts.items()}


def read_prints(connection: BaseDatabaseWrapper, names: Iterable[str]) -> dict[str, str]:
    """Read the `catalog_print` of tables that exist, with one query."""
    texts = _read_texts(connection, names)
    return {name: catalog_print(statements) for name, statements in texts.items()}


def _read_texts(
    connection: BaseDatabaseWrapper, names: Iterable[str] | None
) -> dict[str, tuple[str, ...]]:
    """Return by table its CREATE TABLE and then the CREATE INDEX of each of its indexes."""
    wanted = None if names is None else json.dumps(list(names))
    tables: dict[str, str] = {}
    indexes: dict[str, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(CATALOG, [wanted, wanted])
        for kind, table, sql in cursor.fetchall():
            if kind == "table":
                tables[table] = sql
            else:
                indexes[table].append(sql)
    return {name: (sql, *indexes[name]) for name, sql in tables.items()}


def read_names(connection: BaseDatabaseWrapper, prefix: str) -> set[str]:
    """Read the names that a new table cannot have: of tables, views and indexes, in lower case.

    Args:
        connection: one query is made on it.
        prefix: how the names begin, in any case.
    """
    with connection.cursor() as cursor:
        cursor.execute(NAMES, [f"{connection.ops.prep_for_like_query(prefix)}%"])
        return {name for (name,) in cursor.fetchall()}


@lru_cache(maxsize=1024)
def read_table(name: str, sql: str, *indexes: str) -> TableSpec:
    """Read one table from its CREATE TABLE and the CREATE INDEX of each of its indexes."""
    text = parse_table(sql)
    fields = [read_field(each) for each in text.segments if each.name is not None]
    constraints = [found for each in text.segments for found in read_constraints(each)]
    strict = bool(text.words & {"STRICT", "WITHOUT"})
    constraints += map(read_index, indexes)
    digest = catalog_print((sql, *indexes))
    table = TableSpec(name, tuple(fields), tuple(constraints), catalog_print=digest)
    return _assembled(table, strict)


def normal(table: TableSpec) -> TableSpec:
    """Return a wanted table as `read_tables` would read it after it was created.

    Names and keys, and what is to be filled in, stay as they are.
    """
    segments = [parse_segment(column_sql(written(each))) for each in table.fields]
    fields = tuple(
        replace(read_field(segment), key=each.key, fill=each.fill, keep_fill=each.keep_fill)
        for segment, each in zip(segments, table.fields, strict=True)
    )
    inline = [found for segment in segments for found in read_constraints(segment)]
    constraints = (*inline, *map(normal_constraint, table.constraints))
    return _assembled(replace(table, fields=fields, constraints=constraints), strict=False)


def normal_constraint(constraint: ConstraintSpec) -> ConstraintSpec:
    """Return a wanted constraint as it would be read after it was created."""
    if constraint.kind == "index":
        return read_index(index_sql("", constraint))
    found = parsed(constraint_sql(constraint))
    if constraint.references is None or found.references is None:
        return found
    return replace(found, references=replace(found.references, key=constraint.references.key))


def written(field: FieldSpec) -> FieldSpec:
    """Return the field with its default as DEFAULT takes it: an expression needs parentheses."""
    if field.default is None or is_constant(field.default):
        return field
    return replace(field, default=f"({bare(field.default)})")


def is_constant(sql: str) -> bool:
    """Tell whether a default is a literal: the same for each row, and at any time."""
    words = [token for token in significant(bare(sql)) if token[1] not in {"+", "-"}]
    return len(words) == 1 and (
        words[0][0] in {"string", "number"} or words[0][1].upper() in {"TRUE", "FALSE", "NULL"}
    )


def _assembled(table: TableSpec, strict: bool) -> TableSpec:
    """Settle what a column alone does not tell: primary keys, and names in other letters."""
    names = [field.name for field in table.fields]
    known = {name.lower(): name for name in names} | {name: name for name in names}
    constraints = tuple(_with_known(each, known) for each in table.constraints)
    keys = {key for each in constraints if _is_key(each) for key in each.columns}
    fields = tuple(
        replace(field, null=False) if _is_required(field, keys, strict) else field
        for field in table.fields
    )
    return replace(table, fields=fields, constraints=constraints)


def _with_known(constraint: ConstraintSpec, known: Mapping[str, str]) -> ConstraintSpec:
    found = (known.get(name) or known.get(name.lower()) for name in constraint.columns)
    columns = tuple(name for name in found if name)
    return constraint if columns == constraint.columns else replace(constraint, columns=columns)


def _is_key(constraint: ConstraintSpec) -> bool:
    return constraint.sql.startswith("PRIMARY KEY")


def _is_required(field: FieldSpec, keys: set[str], strict: bool) -> bool:
    """SQLite lets a primary key be NULL, unless it is the rowid or the table is a strict one."""
    in_key = "PRIMARY KEY" in field.extra or field.name in keys
    return in_key and (strict or (field.type == "integer" and len(keys) < 2))
