import pytest

from dynschema.schema.widening import INSTANT, LOSSLESS, UNSURE, verdict

BOTH = [
    ("varchar(20)", "varchar(20)", INSTANT),
    ("varchar(20)", "varchar(50)", INSTANT),
    ("varchar(20)", "varchar", INSTANT),
    ("varchar(20)", "text", INSTANT),
    ("varchar", "text", INSTANT),
    ("text", "varchar", INSTANT),
    ("varchar(50)", "varchar(20)", UNSURE),
    ("text", "varchar(20)", UNSURE),
    ("smallint", "integer", LOSSLESS),
    ("smallint", "bigint", LOSSLESS),
    ("integer", "bigint", LOSSLESS),
    ("bigint", "integer", UNSURE),
    ("integer", "smallint", UNSURE),
    ("smallint", "double precision", LOSSLESS),
    ("integer", "double precision", LOSSLESS),
    ("bigint", "double precision", UNSURE),
    ("bigint", "real", UNSURE),
    ("double precision", "integer", UNSURE),
    ("integer", "numeric(12, 2)", LOSSLESS),
    ("integer", "numeric(12,2)", LOSSLESS),
    ("integer", "numeric(11, 2)", UNSURE),
    ("smallint", "numeric(5, 0)", LOSSLESS),
    ("smallint", "numeric(4)", UNSURE),
    ("numeric(10, 2)", "numeric(12, 2)", INSTANT),
    ("numeric(10, 2)", "numeric(12, 4)", LOSSLESS),
    ("numeric(10, 2)", "numeric(10, 4)", UNSURE),
    ("numeric(10, 2)", "numeric(12, 1)", UNSURE),
    ("numeric(10, 2)", "double precision", UNSURE),
    ("numeric(10, 2)", "integer", UNSURE),
    ("numeric(10, 2)", "text", UNSURE),
    ("smallint", "text", LOSSLESS),
    ("smallint", "varchar(6)", LOSSLESS),
    ("smallint", "varchar(5)", UNSURE),
    ("integer", "varchar(11)", LOSSLESS),
    ("integer", "varchar(10)", UNSURE),
    ("bigint", "varchar(20)", LOSSLESS),
    ("bigint", "varchar(19)", UNSURE),
    ("double precision", "text", UNSURE),
    ("text", "integer", UNSURE),
    ("boolean", "integer", LOSSLESS),
    ("boolean", "bigint", UNSURE),
    ("boolean", "text", UNSURE),
    ("integer", "boolean", UNSURE),
    ("uuid", "text", UNSURE),
    ("uuid", "uuid", INSTANT),
    ("date", "timestamp with time zone", UNSURE),
    ("jsonb", "text", UNSURE),
    ("integer[]", "text[]", UNSURE),
    ("character(32)", "text", UNSURE),
]

POSTGRESQL = [
    ("character varying(20)", "character varying(50)", INSTANT),
    ("character varying(20)", "text", INSTANT),
    ("text", "character varying", INSTANT),
    ("real", "double precision", LOSSLESS),
    ("double precision", "real", UNSURE),
    ("smallint", "real", LOSSLESS),
    ("integer", "real", UNSURE),
    ("bigint", "numeric(19,0)", LOSSLESS),
    ("numeric(10,2)", "numeric", INSTANT),
    ("numeric", "numeric(10,2)", UNSURE),
]

SQLITE = [
    ("integer unsigned", "bigint unsigned", LOSSLESS),
    ("integer unsigned", "bigint", LOSSLESS),
    ("bigint unsigned", "integer", UNSURE),
    ("bool", "integer", LOSSLESS),
    ("integer", "real", LOSSLESS),
    ("bigint", "real", UNSURE),
    ("integer", "decimal", LOSSLESS),
    ("bigint", "decimal", UNSURE),
    ("decimal", "integer", UNSURE),
    ("decimal", "decimal", INSTANT),
    ("decimal", "text", UNSURE),
    ("real", "text", UNSURE),
    ("char(32)", "text", UNSURE),
    ("date", "datetime", UNSURE),
]


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
@pytest.mark.parametrize(("old", "new", "expected"), BOTH)
def test_both_databases_judge_alike(vendor, old, new, expected):
    assert verdict(vendor, old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), POSTGRESQL)
def test_what_only_postgresql_tells_apart(old, new, expected):
    assert verdict("postgresql", old, new) == expected


@pytest.mark.parametrize(("old", "new", "expected"), SQLITE)
def test_what_only_sqlite_spells_so(old, new, expected):
    assert verdict("sqlite", old, new) == expected
