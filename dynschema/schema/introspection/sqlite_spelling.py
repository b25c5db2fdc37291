"""Puts SQL that people and programs wrote for SQLite into one spelling."""

from __future__ import annotations

from functools import lru_cache

from dynschema.schema.sqltext import quote, tokens, unquote

Token = tuple[str, str]
NOTHING = ("", "")

# https://www.sqlite.org/lang_keywords.html, and the words that stand for a value.
KEYWORD_LIST = """
ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN
BETWEEN BY CASCADE CASE CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS
CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DATABASE DEFAULT DEFERRABLE DEFERRED DELETE
DESC DETACH DISTINCT DO DROP EACH ELSE END ESCAPE EXCEPT EXCLUDE EXCLUSIVE EXISTS EXPLAIN FAIL
FALSE FILTER FIRST FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP GROUPS HAVING IF IGNORE
IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS ISNULL JOIN KEY LAST
LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF OFFSET ON OR
ORDER OTHERS OUTER OVER PARTITION PLAN PRAGMA PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE
REFERENCES REGEXP REINDEX RELEASE RENAME REPLACE RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS
SAVEPOINT SELECT SET STORED TABLE TEMP TEMPORARY THEN TIES TO TRANSACTION TRIGGER TRUE UNBOUNDED
UNION UNIQUE UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT
"""
KEYWORDS = frozenset(KEYWORD_LIST.split())


def significant(sql: str) -> list[Token]:
    """Return the tokens that are neither white space nor comments."""
    return [token for token in tokens(sql) if token[0] != "space"]


def identifier(token: Token) -> str:
    """Return the name that a token stands for; SQLite takes a string for one, too."""
    kind, text = token
    return unquote(text) if kind in {"quoted", "string"} else text


@lru_cache(maxsize=8192)
def spelled(sql: str) -> str:
    r"""Return SQL with names quoted, keywords and functions in capitals, and single spaces.

    >>> spelled("check(age>=-1 /* sic */ and lower( [name] )<>'b  c')")
    'CHECK ("age" >= -1 AND LOWER("name") <> \'b  c\')'
    """
    padded = [NOTHING, NOTHING, *significant(sql), NOTHING]
    text = ""
    for earlier, before, token, after in zip(
        padded, padded[1:], padded[2:], padded[3:], strict=False
    ):
        text += _gap(earlier, before, token) + _spelled(before, token, after)
    return text


def bare(sql: str) -> str:
    """Return an expression without the parentheses around the whole of it.

    >>> bare("((1) + (2))")
    '(1) + (2)'
    """
    while sql.startswith("(") and _closing(sql) == len(sql) - 1:
        sql = sql[1:-1].strip()
    return sql


def _closing(sql: str) -> int:
    """Return where the parenthesis that opens the text is closed."""
    depth = at = 0
    for _, text in tokens(sql):
        depth += {"(": 1, ")": -1}.get(text, 0)
        if not depth:
            break
        at += len(text)
    return at


def _is_sign(earlier: Token, before: Token) -> bool:
    """Tell a sign (`DEFAULT -1`) from an operator (`a - 1`)."""
    starts = earlier[0] in {"", "punctuation"} and earlier[1] != ")"
    return before[1] in {"+", "-"} and (starts or earlier[1].upper() == "DEFAULT")


def _gap(earlier: Token, before: Token, token: Token) -> str:
    if before[1] in {"", "(", "."} or token[1] in {")", ",", "."} or _is_sign(earlier, before):
        return ""
    return "" if _is_function(earlier, before, token) else " "


def _spelled(before: Token, token: Token, after: Token) -> str:
    kind, text = token
    if kind == "quoted":
        return quote(unquote(text))
    if kind != "word":
        return text
    is_plain = _is_name(token) and not _is_function(before, token, after)
    return quote(text) if is_plain else text.upper()


def _is_function(before: Token, token: Token, after: Token) -> bool:
    return _is_name(token) and after[1] == "(" and before[1].upper() != "REFERENCES"


def _is_name(token: Token) -> bool:
    return token[0] == "word" and token[1].upper() not in KEYWORDS
