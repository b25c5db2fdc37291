"""Writes restore.py: what a person reads, edits and runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from dynschema.evolution.dumps.identifiers import Identifiers, is_plain
from dynschema.evolution.dumps.kinds import Kind
from dynschema.evolution.dumps.literals import element_of, literal
from dynschema.evolution.dumps.reading import points_to_content_type
from dynschema.evolution.dumps.tables import DERIVED, Source, Stage

HEAD = '''\
"""A Python dump. Running this file restores it:

    python manage.py run DIR/restore.py
    python DIR/restore.py

It EXECUTES the Python code of this folder, so run it only if you trust where it comes from.
All rows of the tables below are replaced, in one transaction: after an error the database is as
it was before. --quick checks less, --noinput does not ask, --edited accepts edited data files.

You may edit this file. Where a field is gone, comment out its line in the create function; where
a model is gone, comment out its lines in main(). Then run it again, until it passes.
"""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [each for each in sys.path if os.path.abspath(each) != FOLDER]
"""The files beside this one are no modules, though tables may be called like some."""

import logging
from datetime import date, time, timedelta
from decimal import Decimal
from uuid import UUID

import django
from django.apps import apps
from django.db import models
'''

SETUP = """
SOURCE_VERSION = {version!r}
USE_TZ = {use_tz!r}
TIME_ZONE = {time_zone!r}

if not apps.ready:
    if os.getcwd() != FOLDER:
        sys.path.insert(0, os.getcwd())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", {settings_module!r})
    django.setup()

from dynschema.evolution.dumps.script import JSON_NULL, Column, Script

logger = logging.getLogger("dynschema.evolution.dumps")
script = Script(globals())
dt = script.dt
execfile = script.execfile
from_text = script.from_text
new_content_type_id = script.new_content_type_id
resolve_model = script.resolve_model
dynamic_model = script.dynamic_model
retired_model = script.retired_model
create_mti_child = script.create_mti_child
"""

RANGES = "from psycopg.types.range import Range\n"

MAIN = '''

def main(args):
    """Restore everything: one line for each file."""
    with script.restoring(args) as loader:
'''

NOT_READ = """\
        # The rows of {table} could not be read. To restore all others, comment out the next
        # line and say --edited; the table keeps the rows that it has then.
"""

END = """

if __name__ == "__main__":
    main(script.arguments())
"""

CREATE = "create_"
TAKEN = {
    "create_mti_child", "create_restore", "dynamic_model", "from_text", "JSON_NULL",
    "new_content_type_id", "resolve_model", "retired_model", "SOURCE_VERSION", "TIME_ZONE",
    "USE_TZ",
}  # fmt: skip
"""Names that a dump has for other things, and that a model or a table could have too."""
INNER = {"create_mti_child", "dict", "kw", "new_content_type_id", "resolve_model"}
"""What a create function uses besides its arguments."""


@dataclass
class Written:
    """One table as it was written."""

    source: Source
    variable: str
    """Of the model."""
    name: str
    """Of the create function and the files."""
    files: list[str] = field(default_factory=list)
    rows: int = 0
    sequence: int | None = None
    was_read: bool = True
    """False for a table with an error; its file says so."""

    @property
    def function(self) -> str:
        """The function that makes an instance of a row."""
        return f"{CREATE}{self.name}"


def named(sources: Iterable[Source]) -> list[Written]:
    """Give every table its names in the dump."""
    names = Identifiers(TAKEN)
    return [
        Written(
            each,
            names.claim(_variable(each)),
            names.claim(f"{CREATE}{_name(each)}").removeprefix(CREATE),
        )
        for each in sources
    ]


def program(tables: list[Written], version: str, epoch: int) -> str:
    """Return the text of restore.py.

    Args:
        tables: in the order in which they are restored.
        version: of the site.
        epoch: of the last change of a dynamic table that the dump holds.
    """
    setup = SETUP.format(
        version=version,
        use_tz=settings.USE_TZ,
        time_zone=settings.TIME_ZONE,
        settings_module=os.environ.get("DJANGO_SETTINGS_MODULE", ""),
    )
    parts = [HEAD, RANGES if _has_ranges(tables) else "", setup, "\n"]
    parts += [f"{each.variable} = {_model(each)}\n" for each in tables]
    parts += [text for each in tables for text in _function(each)]
    return "".join([*parts, MAIN, *_steps(tables, epoch), END])


def _variable(source: Source) -> str:
    if source.leftover is not None:
        return f"{source.table}_retired"
    return f"{source.model._meta.app_label}_{source.model.__name__}"


def _name(source: Source) -> str:
    return f"{source.table}_retired" if source.leftover is not None else source.table


def _has_ranges(tables: list[Written]) -> bool:
    fields = (field for each in tables for field in each.source.fields)
    return any(_is_range(each) for each in fields)


def _is_range(field: Any) -> bool:
    """Tell whether a field, or what an array of it holds, is a range."""
    element = element_of(field)
    return hasattr(element, "range_type") or getattr(element, "type", "").endswith("range")


def _model(table: Written) -> str:
    source = table.source
    if source.leftover is not None:
        kinds = source.leftover.kinds.items()
        options = source.leftover.options
        lines = [f"    {name!r}: {_kind(each, options(name))},\n" for name, each in kinds]
        partial = source.is_partial
        return f"retired_model({source.table!r}, partial={partial}, fields={{\n{''.join(lines)}}})"
    if source.key:
        return f"dynamic_model({source.key!r}, {source.label!r})"
    return f"resolve_model({source.label!r})"


def _kind(kind: Kind, options: dict[str, Any]) -> str:
    text = kind.source(**options)
    return text if text.startswith("Column(") else f"models.{text}"


def _function(table: Written) -> Iterator[str]:
    source = table.source
    arguments = _arguments(table)
    yield f"\n\ndef {table.function}({', '.join(arguments)}):\n    kw = dict()\n"
    for each, value in zip(source.fields, arguments, strict=True):
        if points_to_content_type(each):
            value = f"new_content_type_id({value})"
        yield f"    kw.update({_pair(each.attname, value)})\n"
    for name, value in DERIVED.get(source.label, {}).items():
        yield f"    kw.update({name}={literal(value)})\n"
    yield f"    return {_instance(table)}\n"


def _arguments(table: Written) -> list[str]:
    """Name the arguments after the fields, as far as Python can hold that."""
    names = Identifiers({*INNER, table.variable}, flags=0)
    return [names.claim(each.attname) for each in table.source.fields]


def _pair(name: str, value: str) -> str:
    return f"{name}={value}" if is_plain(name) else f"{{{name!r}: {value}}}"


def _instance(table: Written) -> str:
    pk = table.source.model._meta.pk
    if pk is None or not pk.remote_field or not pk.remote_field.parent_link:
        return f"{table.variable}(**kw)"
    parent = pk.remote_field.model._meta.label
    value = _arguments(table)[table.source.fields.index(pk)]
    return f"create_mti_child(resolve_model({parent!r}), {value}, {table.variable}, **kw)"


def _steps(tables: list[Written], epoch: int) -> Iterator[str]:
    static = [each for each in tables if each.source.stage is Stage.STATIC]
    others = [each for each in tables if each.source.stage is not Stage.STATIC]
    yield from _files(static)
    yield f"        loader.build_tables(epoch={epoch})\n"
    yield from _files(others)
    for each in tables:
        if each.sequence is not None:
            yield f"        loader.write_sequence({each.variable}, {each.sequence})\n"


def _files(tables: list[Written]) -> Iterator[str]:
    for each in tables:
        if not each.was_read:
            yield NOT_READ.format(table=each.source.table)
        for file in each.files:
            yield f"        execfile({file!r})\n"
