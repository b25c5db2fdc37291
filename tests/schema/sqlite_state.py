"""Asks an SQLite database for everything that a change must keep."""

from django.db import connection


def query(sql):
    """Run SQL as it is, and return the rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def schema():
    """Give the texts of the catalog, in no particular order."""
    return sorted(query("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master"))


def contents(*tables):
    """Give the rows of tables in the order in which they lie there."""
    return {table: query(f"SELECT * FROM {table}") for table in tables}


def pragmas():
    """Give the settings that a rebuild touches."""
    names = ("foreign_keys", "defer_foreign_keys", "legacy_alter_table", "writable_schema")
    return {name: query(f"PRAGMA {name}")[0][0] for name in names}
