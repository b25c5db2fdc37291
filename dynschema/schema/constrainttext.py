"""Reads the SQL of an index or a constraint: what it is on, and for which rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dynschema.schema.sqltext import tokens

Token = tuple[str, str]


def expressions(sql: str) -> list[str]:
    """Return what an index or a unique constraint is on, without order and operator class.

    >>> expressions('("age" DESC, (lower("name")) varchar_pattern_ops) WHERE "age" > 3')
    ['"age"', '(lower("name"))']
    >>> expressions('UNIQUE ("a" COLLATE "C", round("b", 2))')
    ['"a" COLLATE "C"', 'round("b", 2)']
    """
    items = [group for group in groups(_parenthesised(sql)[1:-1]) if group[0][0] != "space"]
    return [_head(item) for item in _split(items)]


def condition(sql: str) -> str | None:
    """Return what stands after WHERE, or None.

    >>> condition('("age") WHERE ("age" > 3)')
    '("age" > 3)'
    """
    found = list(groups(tokens(sql)))
    words = [_word(group) for group in found]
    return _text(found[words.index("WHERE") + 1 :]).strip() if "WHERE" in words else None


def nulls_are_equal(sql: str) -> bool:
    """Tell whether two rows without a value count as duplicates.

    >>> nulls_are_equal('UNIQUE NULLS NOT DISTINCT ("age")')
    True
    """
    words = [word for group in groups(tokens(sql)) if (word := _word(group))]
    return ["NULLS", "NOT", "DISTINCT"] in [words[n : n + 3] for n in range(len(words))]


def checked(sql: str) -> str:
    """Return the expression of a check, in parentheses.

    >>> checked('CHECK ("age" >= 0) NO INHERIT')
    '("age" >= 0)'
    """
    return _text([_parenthesised(sql)])


def groups(found: Iterable[Token]) -> Iterator[list[Token]]:
    """Yield single tokens, and everything between two parentheses as one."""
    depth = 0
    group: list[Token] = []
    for kind, text in found:
        depth += {"(": 1, ")": -1}.get(text, 0) if kind == "punctuation" else 0
        group.append((kind, text))
        if not depth:
            yield group
            group = []


def _parenthesised(sql: str) -> list[Token]:
    return next(group for group in groups(tokens(sql)) if group[0] == ("punctuation", "("))


def _split(items: Iterable[list[Token]]) -> Iterator[list[list[Token]]]:
    """Yield the groups between commas."""
    item: list[list[Token]] = []
    for group in items:
        if group == [("punctuation", ",")]:
            yield item
            item = []
        else:
            item.append(group)
    yield item


def _head(item: list[list[Token]]) -> str:
    """Return the expression at the start: a name, a call, or parentheses, with its collation."""
    length = 2 if len(item) > 1 and _word(item[0]) and item[1][0][1] == "(" else 1
    head = _text(item[:length])
    if len(item) > length + 1 and _word(item[length]) == "COLLATE":
        return f"{head} COLLATE {_text(item[length + 1 : length + 2])}"
    return head


def _word(group: list[Token]) -> str | None:
    return group[0][1].upper() if group[0][0] == "word" else None


def _text(found: list[list[Token]]) -> str:
    return "".join(text for group in found for _, text in group)
