"""Splits SQL text into tokens, so that names can be found without mistaking a string for one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

TOKEN = re.compile(
    r"""
    (?P<space>\s+|--[^\n]*|/\*.*?\*/)
  | (?P<string>[xX]?'(?:[^']|'')*')
  | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
  | (?P<word>[^\W\d][\w$]*)
  | (?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<punctuation>::|\|\||->>|->|<>|<<|>>|<=|>=|==|!=|.)
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(sql: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) for each token; the texts joined are `sql` again."""
    for match in TOKEN.finditer(sql):
        yield match.lastgroup or "", match.group()


def quote(name: str) -> str:
    """Return the name as a quoted identifier, a quote inside it doubled."""
    return '"' + name.replace('"', '""') + '"'


def unquote(token: str) -> str:
    """Return the name that a quoted identifier stands for."""
    closing = "]" if token[0] == "[" else token[0]
    return token[1:-1].replace(closing * 2, closing)


def rename_identifiers(sql: str, names: Mapping[str, str]) -> str:
    """Replace quoted identifiers, all at once, so that two names may be swapped.

    >>> print(rename_identifiers('"a" + "b"', {"a": "b", "b": "a"}))
    "b" + "a"
    """
    if not names or not sql:
        return sql
    return "".join(_renamed(kind, text, names) for kind, text in tokens(sql))


def _renamed(kind: str, text: str, names: Mapping[str, str]) -> str:
    if kind != "quoted":
        return text
    name = unquote(text)
    return quote(names[name]) if name in names else text
