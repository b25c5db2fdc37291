"""Inserts rows as they are, many at a time, and finds the one that does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from types import NoneType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BinaryField, CharField, Field, Model, QuerySet, TextField

from dynschema.evolution.dumps.exactness import find_inexact
from dynschema.evolution.dumps.exceptions import UnfitRowError
from dynschema.evolution.dumps.literals import is_array
from dynschema.evolution.dumps.retired import RETIRED

OURS = {"dynschema", "dynschema_evolution", RETIRED}
"""Apps whose rows were written by us, and not by a form."""

REFUSALS = (DatabaseError, ArithmeticError, TypeError, ValueError)
"""What a database, or its driver, says of a value that it cannot hold."""

MODELS_KEPT = 64
"""Whose fields are remembered; a dynamic model that is gone must not stay for ever."""


def clean(row: Model) -> None:
    """Validate a row, all but what the database itself checks: references and what is unique.

    The row keeps its values, whatever cleaning would make of them.

    Raises:
        UnfitRowError: it does not fit.
    """
    if row._meta.app_label in OURS:
        return
    before = dict(vars(row))
    try:
        row.full_clean(_unchecked(row), validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise unfit(row, _words(error)) from error
    finally:
        vars(row).update(before)


def insert(rows: Sequence[Model], using: str) -> None:
    """Insert rows of one model with exactly the values that they have, `auto_now` included.

    Raises:
        UnfitRowError: the database refuses one.
    """
    _refuse_inexact(rows, using)
    for row in rows if _times(type(rows[0])) else ():
        _fill_times(row)
    try:
        with transaction.atomic(using):
            _insert_many(rows, using)
    except REFUSALS:
        for row in rows:
            _insert_one(row, using)


def insert_new(row: Model, using: str) -> None:
    """Insert a row that came from no dump, and let the database give it a primary key.

    Raises:
        UnfitRowError: the database refuses it.
    """
    _fill_times(row)
    try:
        with transaction.atomic(using):
            row.save_base(raw=True, using=using, force_insert=True)
    except REFUSALS as error:
        raise unfit(row, _reason(error)) from error


def update(row: Model, using: str) -> None:
    """Fill retired columns of a row that is there.

    Raises:
        UnfitRowError: the database refuses it, or there is no such row.
    """
    _refuse_inexact([row], using)
    values = {each.attname: getattr(row, each.attname) for each in _columns(type(row))}
    pk = values.pop(row._meta.pk.attname)
    try:
        with transaction.atomic(using):
            found = QuerySet(model=type(row), using=using).filter(pk=pk).update(**values)
    except REFUSALS as error:
        raise unfit(row, _reason(error)) from error
    if not found:
        raise unfit(row, "its row is missing.")


def unfit(row: Model, reason: str) -> UnfitRowError:
    """Say which row does not fit, and why."""
    meta = row._meta
    label = f"retired {meta.db_table}" if meta.app_label == RETIRED else meta.label
    return UnfitRowError(model=label, pk=repr(row.pk), table=meta.db_table, reason=reason)


def _refuse_inexact(rows: Sequence[Model], using: str) -> None:
    connection = connections[using]
    found = find_inexact(rows, connection.vendor)
    if found is not None:
        row, name = found
        value = getattr(row, name)
        reason = f"{name} is {value!r}, which {connection.display_name} cannot hold exactly."
        raise unfit(row, reason)


def _insert_one(row: Model, using: str) -> None:
    try:
        with transaction.atomic(using):
            _insert_by_django([row], using)
    except REFUSALS as error:
        raise unfit(row, _reason(error)) from error


def _insert_many(rows: Sequence[Model], using: str) -> None:
    """Insert rows by one prepared statement, which takes a third of the time of Django's."""
    fields, connection = _columns(type(rows[0])), connections[using]
    if any(map(_is_written_specially, fields)) or _have_expressions(rows):
        _insert_by_django(rows, using)
        return
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(each.column)) for each in fields)
    marks = ", ".join(["%s"] * len(fields))
    table = quote(rows[0]._meta.db_table)
    columns = [_prepared(each, rows, connection) for each in fields]
    values = list(zip(*columns, strict=True))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)  # noqa: S608


def _prepared(
    field: Field[Any, Any], rows: Sequence[Model], connection: BaseDatabaseWrapper
) -> list[Any]:
    """Return the values of one column as the driver takes them."""
    values = list(map(attrgetter(field.attname), rows))
    if _takes_texts(field) and set(map(type, values)) <= {str, NoneType}:
        return values  # Asking the field about each of them takes longer than writing them.
    prepare = field.get_db_prep_save
    return [prepare(each, connection) for each in values]


def _takes_texts(field: Field[Any, Any]) -> bool:
    """True for Django's own fields for texts, which give one to the database as it is."""
    return isinstance(field, (CharField, TextField)) and type(field).__module__ == Field.__module__


def _is_written_specially(field: Field[Any, Any]) -> bool:
    """True for one that is no plain %s in a statement; only other drivers need more for bytes."""
    written = hasattr(field, "get_placeholder") or hasattr(field, "get_placeholder_sql")
    return written and not isinstance(field, BinaryField)


def _insert_by_django(rows: Sequence[Model], using: str) -> None:
    """Insert rows of which a value is an expression, or is written in a way of its field."""
    fields = _columns(type(rows[0]))
    size = max(connections[using].ops.bulk_batch_size(fields, rows), 1)
    rows_of: Any = QuerySet(model=type(rows[0]), using=using)
    for start in range(0, len(rows), size):
        # Django has no public way to insert without its pre_save, which sets auto_now; nor one to
        # insert into the table of a child alone (tickets 30022, 19754).
        rows_of._insert(rows[start : start + size], fields=fields, using=using, raw=True)


@lru_cache(maxsize=MODELS_KEPT)
def _columns(model: type[Model]) -> list[Field[Any, Any]]:
    return [each for each in model._meta.local_concrete_fields if not each.generated]


@lru_cache(maxsize=MODELS_KEPT)
def _times(model: type[Model]) -> list[Field[Any, Any]]:
    """Return the fields that Django fills with the time, if a dump has no value for them."""
    return [
        each
        for each in _columns(model)
        if not each.null
        and (getattr(each, "auto_now", False) or getattr(each, "auto_now_add", False))
    ]


def _fill_times(row: Model) -> None:
    for each in _times(type(row)):
        if getattr(row, each.attname) is None:
            setattr(row, each.attname, each.pre_save(row, add=True))


@lru_cache(maxsize=MODELS_KEPT)
def _database_checked(model: type[Model]) -> frozenset[str]:
    own = set(_columns(model))
    return frozenset(
        each.name
        for each in model._meta.concrete_fields
        if each.remote_field or each.generated or each not in own
    )


def _unchecked(row: Model) -> set[str]:
    """Return the fields that are not validated.

    Relations are left to the database, and so is what may be empty: `blank` is about forms. What
    is SQL, such as a JSON null, has no value yet.
    """
    checked_elsewhere = _database_checked(type(row))
    empty = (each.name for each in _columns(type(row)) if _may_be_empty(each, row))
    return {*checked_elsewhere, *empty, *_expressions(row)}


def _may_be_empty(field: Field[Any, Any], row: Model) -> bool:
    value = getattr(row, field.attname)
    return _is_empty(value, field) and (field.null or value is not None)


def _is_empty(value: Any, field: Any) -> bool:
    """Tell whether a form would call a value empty, or something in an array."""
    if isinstance(value, list) and is_array(field):
        return not value or any(_is_empty(each, field.base_field) for each in value)
    return value in field.empty_values


def _expressions(row: Model) -> list[str]:
    """Return the names of the values that are SQL: a JSON null, a default of the database."""
    return [name for name, value in vars(row).items() if hasattr(value, "resolve_expression")]


def _have_expressions(rows: Sequence[Model]) -> bool:
    """Tell whether any row has such a value, by the few types that there are."""
    kinds = {type(value) for row in rows for value in vars(row).values()}
    return any(hasattr(each, "resolve_expression") for each in kinds)


def _words(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(
        f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()
    )


def _reason(error: Exception) -> str:
    return f"{' '.join(str(error).split()).rstrip('.')}."
