"""Takes the text of CREATE TABLE apart and puts it together again, not a character lost.

SQLite keeps the text itself as its catalog. A table is rebuilt from it, so that whatever somebody
wrote there, and we do not know, is still there afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from dynschema.schema.introspection.sqlite_spelling import (
    Token,
    identifier,
    significant,
    spelled,
)
from dynschema.schema.sqltext import quote, tokens, unquote

TABLE_CONSTRAINTS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})
COLUMN_CLAUSES = TABLE_CONSTRAINTS - {"FOREIGN"} | {
    "NOT", "NULL", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED", "AS",
}  # fmt: skip
NAME = r"""(?:"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|'(?:[^']|'')*')"""
SPACE = r"(?:\s|--[^\n]*|/\*.*?\*/)"
COLUMN_NAME = re.compile(rf"{SPACE}*(?P<name>{NAME}|(?P<word>[^\W\d][\w$]*))", re.DOTALL)
NOT_DEFERRABLE = re.compile(rf"{SPACE}*NOT{SPACE}+DEFERRABLE", re.DOTALL | re.IGNORECASE)
# All that is not between these is of no concern to a list in parentheses.
STRUCTURE = re.compile(rf"{NAME}|--[^\n]*|/\*.*?\*/|[(),]", re.DOTALL)
# In `ON DELETE SET NULL` and the like, the second word begins no clause.
CONTINUED = {"NULL": {"NOT", "SET", "DEFAULT"}, "DEFAULT": {"SET"}, "AS": {"ALWAYS"}}


@dataclass(frozen=True)
class Clause:
    """A clause of a column (`NOT NULL`, `CHECK (…)`) or a constraint of the table."""

    text: str
    """Verbatim, with the white space and the comments before it."""
    keyword: str
    """Its first word without a name; `NOT NULL` has two."""
    name: str | None
    """What follows CONSTRAINT, if that is there."""
    body: str
    """The clause without its name, in the one spelling."""

    def renamed(self, name: str) -> Clause:
        """Return this clause under another name."""
        clause = parse_clause(f" CONSTRAINT {quote(name)} {self._unnamed()}")
        return replace(clause, text=self.text[: self._start()] + clause.text.lstrip())

    def _start(self) -> int:
        """Return where the white space and the comments end."""
        return next(at for at, kind, _ in positions(self.text) if kind != "space")

    def _unnamed(self) -> str:
        starts = [at for at, kind, _ in positions(self.text) if kind != "space"]
        return self.text[starts[2] if self.name else starts[0] :]


@dataclass(frozen=True)
class Segment:
    """What stands between two commas: a column, or a constraint of the table."""

    start: str
    """The column's name, verbatim, with what is before it."""
    type: str
    """The column's type, verbatim, with what is before it."""
    clauses: tuple[Clause, ...]
    end: str
    """White space and comments."""
    name: str | None
    """The column's name; None for a constraint of the table."""

    @property
    def definition(self) -> str:
        """What follows the name."""
        return self.type + "".join(each.text for each in self.clauses) + self.end

    def __str__(self) -> str:
        return self.start + self.definition

    def with_clause(self, keyword: str, text: str = "") -> Segment:
        """Return this column with its clauses of one sort replaced by this one, or removed."""
        kept = tuple(each for each in self.clauses if each.keyword != keyword)
        return replace(self, clauses=(*kept, parse_clause(f" {text}")) if text else kept)

    def with_null(self, null: bool) -> Segment:
        """Return this column, one that may be NULL or one that may not."""
        freed = self.with_clause("NOT NULL").with_clause("NULL")
        return freed if null else freed.with_clause("NOT NULL", "NOT NULL")


@dataclass(frozen=True)
class TableText:
    """The text of CREATE TABLE."""

    head: str
    """All before the parenthesis."""
    segments: tuple[Segment, ...]
    tail: str
    """All after the parenthesis, e.g. ` STRICT`."""

    def __str__(self) -> str:
        return f"{self.head}({','.join(map(str, self.segments))}){self.tail}"

    @property
    def columns(self) -> list[str]:
        """The names of the columns that hold a value of their own."""
        return [
            segment.name
            for segment in self.segments
            if segment.name is not None
            and not any(clause.keyword in {"GENERATED", "AS"} for clause in segment.clauses)
        ]

    @property
    def words(self) -> set[str]:
        """The words after the parenthesis: WITHOUT, ROWID, STRICT."""
        return {text.upper() for kind, text in tokens(self.tail) if kind == "word"}

    def with_column(self, name: str, change: Callable[[Segment], Segment]) -> TableText:
        """Return this table with one column changed."""
        return self.mapped(lambda each: change(each) if each.name == name else each)

    def with_segment(self, text: str) -> TableText:
        """Return this table with a column after the last one, or a constraint at the end."""
        segment = parse_segment(f" {text}")
        at = len(self.segments)
        if segment.name is not None:
            at = sum(each.name is not None for each in self.segments)
        return replace(self, segments=(*self.segments[:at], segment, *self.segments[at:]))

    def with_clauses(self, change: Callable[[Segment, Clause], Clause | None]) -> TableText:
        """Return this table with each clause replaced by what `change` returns; None removes it."""
        return self.mapped(lambda segment: _with_clauses(segment, change))

    def mapped(self, change: Callable[[Segment], Segment]) -> TableText:
        """Return this table with each segment changed; a constraint without a clause goes."""
        changed = map(change, self.segments)
        kept = tuple(each for each in changed if each.name is not None or each.clauses)
        return replace(self, segments=kept)


def parse_table(sql: str) -> TableText:
    """Take CREATE TABLE apart."""
    head, *items, tail = split_list(sql)
    return TableText(head, tuple(map(parse_segment, items)), tail)


def parse_segment(text: str) -> Segment:
    """Take a column or a constraint of the table apart."""
    found = COLUMN_NAME.match(text)
    assert found is not None, text
    if found["word"] and found["word"].upper() in TABLE_CONSTRAINTS:
        body, end = _without_end(text)
        return Segment("", "", (parse_clause(body),), end, None)
    name = found["word"] or unquote(found["name"])
    return Segment(found.group(), *parse_definition(text[found.end() :]), name)


@lru_cache(maxsize=8192)
def parse_definition(text: str) -> tuple[str, tuple[Clause, ...], str]:
    """Take apart what follows the name of a column, which is the same for many columns."""
    type_sql, *clauses = _merged(_split_clauses(text))
    if clauses:
        clauses[-1], end = _without_end(clauses[-1])
    else:
        type_sql, end = _without_end(type_sql)
    return type_sql, tuple(map(parse_clause, clauses)), end


@lru_cache(maxsize=8192)
def parse_clause(text: str) -> Clause:
    """Read the keyword and the name of a clause."""
    found = significant(text)
    starts = [at for at, kind, _ in positions(text) if kind != "space"]
    name = None
    if found[0][1].upper() == "CONSTRAINT":
        name, found, starts = identifier(found[1]), found[2:], starts[2:]
    return Clause(text, _keyword(found), name, spelled(text[starts[0] :]) if starts else "")


def split_list(sql: str) -> list[str]:
    """Return what stands before the first list in parentheses, its items, and what follows.

    >>> split_list('CREATE INDEX i ON t (a, max(b, 1)) WHERE (c)')
    ['CREATE INDEX i ON t ', 'a', ' max(b, 1)', ' WHERE (c)']
    """
    parts, begin, depth = [], 0, 0
    for found in STRUCTURE.finditer(sql):
        text = found.group()
        outside = not depth
        depth += {"(": 1, ")": -1}.get(text, 0)
        if (text == "(" and outside) or (text == ")" and not depth) or (text, depth) == (",", 1):
            parts.append(sql[begin : found.start()])
            begin = found.end()
        if text == ")" and not depth:
            break
    return [*parts, sql[begin:]]


def positions(sql: str) -> list[tuple[int, str, str]]:
    """Return where each token begins, its kind and its text."""
    found, at = [], 0
    for kind, text in tokens(sql):
        found.append((at, kind, text))
        at += len(text)
    return found


def _with_clauses(segment: Segment, change: Callable[[Segment, Clause], Clause | None]) -> Segment:
    changed = (change(segment, clause) for clause in segment.clauses)
    return replace(segment, clauses=tuple(each for each in changed if each))


def _split_clauses(text: str) -> list[str]:
    """Return a column's type and each of its clauses, with what is before it."""
    parts, waiting, depth = [""], "", 0
    words: list[str] = []
    for kind, token in tokens(text):
        if kind == "space":
            waiting += token
            continue
        if not depth and kind == "word" and _begins_clause(words, token.upper()):
            parts.append("")
        parts[-1] += waiting + token
        waiting = ""
        depth += {"(": 1, ")": -1}.get(token, 0)
        words += [token.upper()] if not depth else []
    return [*parts[:-1], parts[-1] + waiting]


def _merged(parts: list[str]) -> list[str]:
    """Put NOT DEFERRABLE back to its foreign key; alone, SQLite takes it for another one's."""
    merged: list[str] = []
    for part in parts:
        if NOT_DEFERRABLE.match(part):
            merged[-1] += part
        else:
            merged.append(part)
    return merged


def _begins_clause(before: list[str], word: str) -> bool:
    if word not in COLUMN_CLAUSES or before[-2:-1] == ["CONSTRAINT"]:
        return False
    return not before or before[-1] not in CONTINUED.get(word, ())


def _without_end(text: str) -> tuple[str, str]:
    """Separate the white space and the comments at the end."""
    ends = [at + len(token) for at, kind, token in positions(text) if kind != "space"]
    end = max(ends, default=0)
    return text[:end], text[end:]


def _keyword(found: list[Token]) -> str:
    words = [text.upper() for _, text in found[:2]]
    return " ".join(words) if words[:1] == ["NOT"] else "".join(words[:1])
