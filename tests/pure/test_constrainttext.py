"""The SQL of constraints is read in the spelling of Django and of either catalog."""

import pytest

from dynschema.schema.constrainttext import checked, condition, expressions, nulls_are_equal


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('("age")', ['"age"']),
        ('("age" DESC NULLS LAST, "name")', ['"age"', '"name"']),
        ('UNIQUE ("a", "b") DEFERRABLE INITIALLY DEFERRED', ['"a"', '"b"']),
        ("USING btree (age)", ["age"]),
        ("USING btree (name varchar_pattern_ops)", ["name"]),
        ("USING btree (lower((name)::text), age DESC)", ["lower((name)::text)", "age"]),
        ("USING btree (((a)::text || (b)::text)) INCLUDE (c)", ["((a)::text || (b)::text)"]),
        ('USING btree (name COLLATE "de_DE" text_pattern_ops)', ['name COLLATE "de_DE"']),
        ('((LOWER("name")), "age" DESC) WHERE "age" > 3', ['(LOWER("name"))', '"age"']),
        ('((COALESCE("name", \',)\')), "a,b")', ["(COALESCE(\"name\", ',)'))", '"a,b"']),
    ],
)
def test_what_an_index_is_on(sql, expected):
    assert expressions(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('("age")', None),
        ('("age") WHERE "age" > 3 AND NOT "name" = \'x\'', '"age" > 3 AND NOT "name" = \'x\''),
        ("USING btree (age) WHERE (data ->> 'a'::text) IS NULL", "(data ->> 'a'::text) IS NULL"),
        ('("where") INCLUDE ("b") where ("where" = \' WHERE \')', "(\"where\" = ' WHERE ')"),
    ],
)
def test_for_which_rows_an_index_is(sql, expected):
    assert condition(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('CHECK ("age" >= 0)', '("age" >= 0)'),
        ("CHECK (((age >= 0) AND (age < 9))) NOT VALID", "(((age >= 0) AND (age < 9)))"),
        ("CHECK (\"name\" <> ')')", "(\"name\" <> ')')"),
    ],
)
def test_what_a_check_asks_for(sql, expected):
    assert checked(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('UNIQUE ("age")', False),
        ('UNIQUE NULLS NOT DISTINCT ("age")', True),
        ('("age") NULLS NOT DISTINCT WHERE "age" > 3', True),
        ('("age") WHERE "name" IS DISTINCT FROM \'NULLS NOT DISTINCT\'', False),
    ],
)
def test_whether_two_rows_without_a_value_are_equal(sql, expected):
    assert nulls_are_equal(sql) is expected
