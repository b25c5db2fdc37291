"""Gives dynamic models their tables again: the definitions are there, their records follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.db.models import Model

from dynschema import freshness
from dynschema.blocks import open_block
from dynschema.definitions import database_of
from dynschema.evolution.dumps.exceptions import UnfitColumnError
from dynschema.evolution.dumps.references import check_references
from dynschema.evolution.dumps.retired import is_partial
from dynschema.evolution.dumps.sequences import write_sequence
from dynschema.history import Token, read_epoch
from dynschema.loading import blueprints
from dynschema.marks import Marks
from dynschema.models import Change, Field, Table
from dynschema.recording import move_epoch
from dynschema.schema.dialects import dialect_of
from dynschema.schema.rendering import render_table
from dynschema.schema.serial import to_json
from dynschema.schema.spec import FieldSpec, TableSpec


def rebuild(
    using: str, replaced: Sequence[type[Model]], retired: Iterable[type[Model]], epoch: int
) -> None:
    """Build the tables of all definitions, under the names that the history gives.

    A dump of chosen models has no history; then the tables follow the definitions that it has.

    Args:
        using: the alias of the database, in which a block of `dynschema.atomic` is open.
        replaced: the models that were loaded.
        retired: models for retired tables and columns.
        epoch: of the last change that the dump knows.

    Raises:
        DefinitionError: a definition cannot become a table.
        UnfitRowError: a row that was loaded refers to one that is not there.
    """
    block = open_block(using)
    assert block is not None
    check_references(replaced, using)  # PostgreSQL changes no table with checks still to come.
    for model in replaced:
        write_sequence(model, 0, using)
    retired = list(retired)
    if Table in replaced:
        _place(using, epoch)
        block.token = None
    block.mark(_marks(using, replaced, retired))
    block.sync()
    if Table in replaced:
        for each in retired:
            _build_retired(using, each)
        _look_again(using)
        Change.objects.using(using).all().delete()


def _place(using: str, epoch: int) -> None:
    """Let the stored tables be ones that are not there yet, at an epoch that never was."""
    current = read_epoch(using)
    if current == Token():
        current = move_epoch(using, current)
    moved = move_epoch(using, Token(max(current.number, epoch), current.fingerprint))
    for each in Table.objects.using(using):
        each.wanted = each.actual = to_json(TableSpec(each.name, ()))
        each.epoch = moved.number
        each.save(using=using)


def _marks(using: str, replaced: Sequence[type[Model]], retired: Iterable[type[Model]]) -> Marks:
    """Mark all definitions and all tables but those that are built without a definition."""
    apart = {each._meta.db_table for each in retired if not is_partial(each)}
    tables = Table.objects.using(using).filter(blueprint__in=_concerned(using, replaced))
    definitions = set(tables.values_list("blueprint", "definition"))
    for label in _concerned(using, replaced):
        rows = blueprints[label].definition._base_manager.using(using)
        definitions |= {(label, str(pk)) for pk in rows.values_list("pk", flat=True)}
    definitions -= set(tables.filter(name__in=apart).values_list("blueprint", "definition"))
    return Marks(frozenset(definitions))


def _concerned(using: str, replaced: Sequence[type[Model]]) -> list[str]:
    return [
        label
        for label, each in blueprints.items()
        if database_of(each) == using
        and (each.definition in replaced or each.field_definition in replaced)
    ]


# What no definition asks for


def _build_retired(using: str, model: type[Model]) -> None:
    table = Table.objects.using(using).get(name=model._meta.db_table)
    fields = Field.objects.using(using).filter(table=table)
    columns = dict(fields.values_list("column", "key"))
    keys = {each.name: columns.get(str(each.column), "") for each in model._meta.local_fields}
    spec = render_table(connections[using], model, table.key, keys)
    if is_partial(model):
        _add_columns(using, spec, str(model._meta.pk.column))
    else:
        _create_table(using, spec, table)


def _look_again(using: str) -> None:
    """Have the next change of these tables look at them: the sync saw none of what is retired."""
    move_epoch(using, read_epoch(using))
    freshness.hold(using, freshness.current(using))


def _add_columns(using: str, spec: TableSpec, primary_key: str) -> None:
    for each in spec.fields:
        if each.name != primary_key:
            _add_column(using, spec, each)


def _add_column(using: str, spec: TableSpec, field: FieldSpec) -> None:
    connection = connections[using]
    editor = dialect_of(connection).editor(connection)
    checks = [each for each in spec.constraints if each.columns == (field.name,)]
    try:
        with transaction.atomic(using), editor.settled([spec.name]):
            editor.add_field(
                spec.name, field, tuple(each for each in checks if each.kind == "check")
            )
    except DatabaseError as error:
        raise UnfitColumnError(
            table=spec.name, column=field.name, type=field.type, vendor=connection.display_name
        ) from error


def _create_table(using: str, spec: TableSpec, table: Table) -> None:
    connection = connections[using]
    dialect = dialect_of(connection)
    editor = dialect.editor(connection)
    with editor.settled([spec.name]):
        editor.create_table(spec)
    found: Mapping[str, Any] = dialect.read_tables(connection, [spec.name])
    table.wanted, table.actual = to_json(spec), to_json(found[spec.name])
    table.save(using=using)
