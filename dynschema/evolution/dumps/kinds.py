"""Says what a column of any database would be as a Django field, for what has no field any more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class Column(models.Field):
    """A column of a type that only its own database knows."""

    def __init__(self, type: str = "", **options: Any) -> None:
        self.type = type
        super().__init__(**options)

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the type as it was found."""
        return self.type


@dataclass(frozen=True)
class Kind:
    """A class of fields and its options."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def build(self, **options: Any) -> models.Field[Any, Any]:
        """Return a field of this kind."""
        made: models.Field[Any, Any] = FIELDS[self.name](**{**self.options, **options})
        return made

    def source(self, **options: Any) -> str:
        """Return the same as Python."""
        given = {**self.options, **options}.items()
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in given)})"


def kind_of(type_sql: str, *, is_json: bool = False, is_automatic: bool = False) -> Kind:
    """Return the kind of field that a type is the type of, in the spelling of any database.

    Args:
        type_sql: as `varchar(200)`, `character varying(200)`, `decimal(5, 2)`.
        is_json: the column holds JSON, which SQLite keeps as text.
        is_automatic: the database counts the values up.

    >>> kind_of("numeric(5,2)").source()
    'DecimalField(max_digits=5, decimal_places=2)'
    """
    if is_json:
        return Kind("JSONField")
    if is_automatic:
        return Kind("BigAutoField")
    for pattern, name, *options in _TYPES:
        found = re.fullmatch(pattern, type_sql.strip(), re.I)
        if found:
            return Kind(name, dict(zip(options, map(int, found.groups()), strict=True)))
    return Kind("Column", {"type": type_sql})


_TYPES = (
    (r"(?:varchar|character varying)\((\d+)\)", "CharField", "max_length"),
    (r"char\(32\)|uuid", "UUIDField"),
    (r"char\(39\)|inet", "GenericIPAddressField"),
    (r"text|varchar|character varying", "TextField"),
    (r"integer|int|serial", "IntegerField"),
    (r"bigint|bigserial", "BigIntegerField"),
    (r"smallint|smallserial", "SmallIntegerField"),
    (r"integer unsigned", "PositiveIntegerField"),
    (r"bigint unsigned", "PositiveBigIntegerField"),
    (r"smallint unsigned", "PositiveSmallIntegerField"),
    (r"bool|boolean", "BooleanField"),
    (r"date", "DateField"),
    (r"datetime|timestamp with time zone", "DateTimeField"),
    (r"time|time without time zone", "TimeField"),
    (r"real|double precision", "FloatField"),
    (r"(?:decimal|numeric)\((\d+), ?(\d+)\)", "DecimalField", "max_digits", "decimal_places"),
    (r"blob|bytea", "BinaryField"),
    (r"interval", "DurationField"),
    (r"jsonb", "JSONField"),
)

FIELDS: dict[str, Any] = {
    "BigAutoField": models.BigAutoField,
    "Column": Column,
    **{name: getattr(models, name) for _, name, *_ in _TYPES},
}
