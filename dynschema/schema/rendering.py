"""Renders a model class as a wanted table, in the spelling of Django's own schema editor."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django.core.exceptions import ValidationError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model
from django.db.models.fields import NOT_PROVIDED

from dynschema.exceptions import InvalidDefinitionError
from dynschema.schema.naming import shorten
from dynschema.schema.spec import (
    ConstraintKind,
    ConstraintSpec,
    FieldSpec,
    Reference,
    TableSpec,
)
from dynschema.schema.sqltext import quote, tokens, unquote

IMPOSSIBLE = (ArithmeticError, AttributeError, TypeError, ValueError, ValidationError)
"""What Django raises for a default that is none of the values of its field."""

MEANINGS = {"DurationField": "duration", "JSONField": "json"}

CONSTRAINT_KINDS: tuple[ConstraintKind, ...] = ("unique", "check", "exclude")


def render_table(
    connection: BaseDatabaseWrapper,
    model: type[Model],
    key: str,
    keys: Mapping[str, str],
    only: Collection[Field[Any, Any]] | None = None,
) -> TableSpec:
    """Render a model class as the table that it wants.

    Args:
        connection: names the database whose spelling is used; no query is made.
        model: any model class; implicit many-to-many tables are left out.
        key: the lasting identity of the table.
        keys: the lasting identity of fields, by the field's name in the model; a field without one,
            such as `id`, is known by its name: `static:id`.
        only: the fields that are meant, with what concerns one of them alone; nothing is asked of
            the others, not even a default. None for the whole table.

    Returns:
        One FieldSpec per column with its key, and a ConstraintSpec for each index, unique, check
        and foreign key, named as Django names them.
    """
    renderer = _Renderer(connection, model, keys, only)
    return TableSpec(
        name=model._meta.db_table,
        fields=tuple(renderer.field(field) for field in renderer.fields),
        constraints=tuple(renderer.constraints()),
        key=key,
    )


class _Renderer:
    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        model: type[Model],
        keys: Mapping[str, str],
        only: Collection[Field[Any, Any]] | None,
    ) -> None:
        self.connection = connection
        self.model = model
        self.keys = keys
        self.editor: Any = connection.SchemaEditorClass(connection, collect_sql=True, atomic=False)
        self.is_whole = only is None
        concrete = model._meta.local_concrete_fields if only is None else only
        # By name: two fields of a third party may count as equal, and have one hash.
        self.parameters = {each.name: each.db_parameters(connection) for each in concrete}
        self.fields = [each for each in concrete if self.parameters[each.name]["type"]]

    # Columns

    def key(self, field: Field[Any, Any]) -> str:
        return self.keys.get(field.name, f"static:{field.name}")

    def field(self, field: Field[Any, Any]) -> FieldSpec:
        type_sql = self._type(field)
        try:
            return self._field(field, type_sql)
        except IMPOSSIBLE as error:
            why = " ".join(getattr(error, "messages", [str(error)]))
            raise self._refused(field, f"has a default that it cannot hold: {why}") from error

    def _field(self, field: Field[Any, Any], type_sql: str) -> FieldSpec:
        fill, constant = (None, False) if _has_db_default(field) else self._fill(field)
        return FieldSpec(
            name=str(field.column),
            type=type_sql,
            null=field.null or field.generated,
            default=self._default(field),
            extra=" ".join(self._extra(field)),
            key=self.key(field),
            fill=fill,
            keep_fill=constant,
            meaning=self._meaning(field),
        )

    def _refused(self, field: Field[Any, Any], why: str) -> InvalidDefinitionError:
        reason = f'The field "{field.name}" {why}'
        return InvalidDefinitionError(reason=reason, key=self.key(field))

    def _type(self, field: Field[Any, Any]) -> str:
        type_sql = self.parameters[field.name]["type"] or ""
        if self.connection.vendor == "sqlite" and type_sql == "decimal":
            # Django leaves the digits out there, and then nobody could tell that they change.
            last: Any = _referred(field)
            if last.max_digits is not None:  # Django 6.1 takes any number of digits, too.
                return f"decimal({last.max_digits}, {last.decimal_places})"
        return type_sql

    def _meaning(self, field: Field[Any, Any]) -> str:
        """Tell apart what SQLite keeps in one type: a number and a duration, a text and JSON."""
        is_told = self.connection.vendor != "sqlite"
        return "" if is_told else MEANINGS.get(field.get_internal_type(), "")

    def _default(self, field: Field[Any, Any]) -> str | None:
        if not _has_db_default(field):
            return None
        return self._inline(*self.editor.db_default_sql(field))

    def _extra(self, field: Field[Any, Any]) -> Iterator[str]:
        if collation := self.parameters[field.name].get("collation"):
            yield self.editor._collate_sql(collation)
        if field.generated:
            yield self._inline(*self.editor._column_generated_sql(field))
        if field.primary_key:
            yield "PRIMARY KEY"
        if suffix := field.db_type_suffix(self.connection):
            yield suffix

    def _fill(self, field: Field[Any, Any]) -> tuple[str | None, bool]:
        """Return the literal for rows that exist, and whether it is the same at any other time."""
        if field.generated or field.primary_key:
            return None, False
        value = self.editor.effective_default(field)
        if value is None:
            return None, False
        self._check_length(field, value)
        return self._literal(value), not (_is_called(field) or _is_now(field))

    def _check_length(self, field: Field[Any, Any], value: Any) -> None:
        """Refuse a text that only SQLite would store; a limit of forms alone is not meant."""
        limit = field.max_length
        is_kept = f"({limit})" in self._type(field)
        if limit and is_kept and isinstance(value, str) and len(value) > limit:
            raise ValueError(f'"{value}" has {len(value)} characters, and {limit} are possible.')

    # Indexes and constraints

    def constraints(self) -> Iterator[ConstraintSpec]:
        return chain(
            self._column_checks(),
            self._foreign_keys(),
            self._statements(),
        )

    def _column_checks(self) -> Iterator[ConstraintSpec]:
        for field in self.fields:
            if condition := self.parameters[field.name].get("check"):
                columns = (str(field.column),)
                yield ConstraintSpec(
                    "check", self._check_name(columns), columns, f"CHECK ({condition})"
                )

    def _foreign_keys(self) -> Iterator[ConstraintSpec]:
        for field in self.fields:
            if field.remote_field and getattr(field, "db_constraint", False):
                yield ConstraintSpec(
                    "foreign_key",
                    self._foreign_key_name(field),
                    (str(field.column),),
                    references=self._reference(field),
                )

    def _check_name(self, columns: tuple[str, ...]) -> str | None:
        if self._leaves_nameless:
            return None
        table = self.model._meta.db_table
        return shorten(str(self.editor._create_index_name(table, columns, suffix="_check")))

    def _foreign_key_name(self, field: Any) -> str | None:
        if self._leaves_nameless:
            return None
        suffix = "_fk_%(to_table)s_%(to_column)s"
        return shorten(unquote(str(self.editor._fk_constraint_name(self.model, field, suffix))))

    @property
    def _leaves_nameless(self) -> bool:
        """SQLite cannot rename a constraint, so what belongs to a column has no name there."""
        return self.connection.vendor == "sqlite"

    def _reference(self, field: Any) -> Reference:
        target = field.target_field
        if not _is_unique(target):
            # SQLite takes it, and then refuses every row.
            column = f'"{target.model._meta.label}.{target.name}"'
            raise self._refused(field, f"refers to {column}, which is not unique.")
        return Reference(
            table=target.model._meta.db_table,
            columns=(target.column,),
            on_delete=self._on_delete(field),
            key=getattr(target.model, "_dynschema_key", None),
        )

    def _on_delete(self, field: Any) -> str:
        """Return the action that Django 6.1 gives to the database (DB_CASCADE); none in 5.2."""
        render = getattr(self.editor, "_create_on_delete_sql", None)
        action = str(render(self.model, field) or "") if render else ""
        return action.removeprefix(" ON DELETE ") or "NO ACTION"

    def _statements(self) -> Iterator[ConstraintSpec]:
        self._check_names()
        columns = [str(field.column) for field in self.fields]
        together = (self._uniques_together(), self._meta_constraints()) if self.is_whole else ()
        for statement in chain(self._uniques(), *together, self._indexes()):
            plain = getattr(statement.parts.get("columns"), "columns", ())
            yield _parse(str(statement), plain, columns)

    def _check_names(self) -> None:
        """Django puts these names between quotes as they are."""
        meta = self.model._meta
        for each in (*meta.indexes, *meta.constraints):
            if '"' in each.name:
                reason = f'The name "{each.name}" of an index or a constraint has quotation marks.'
                key = getattr(self.model, "_dynschema_key", None)
                raise InvalidDefinitionError(reason=reason, key=key)

    def _uniques(self) -> Iterator[Any]:
        for field in self.fields:
            if field.unique and not field.primary_key:
                yield self.editor._create_unique_sql(self.model, [field])

    def _uniques_together(self) -> Iterator[Any]:
        meta = self.model._meta
        for names in meta.unique_together:
            yield self.editor._create_unique_sql(self.model, list(map(meta.get_field, names)))

    def _meta_constraints(self) -> Iterator[Any]:
        for constraint in self.model._meta.constraints:
            if statement := constraint.create_sql(self.model, self.editor):
                yield statement

    def _indexes(self) -> Sequence[Any]:
        if self.is_whole:
            return [each for each in self.editor._model_indexes_sql(self.model) if each]
        found = (self.editor._field_indexes_sql(self.model, each) for each in self.fields)
        return list(chain.from_iterable(found))

    # SQL text without parameters

    def _inline(self, sql: str, params: Sequence[Any]) -> str:
        if self.connection.features.requires_literal_defaults:
            return sql  # Django has put the parameters in already.
        # Also without parameters: the operator % is doubled in what Django compiles.
        return sql % tuple(map(self._literal, params))

    def _literal(self, value: Any) -> str:
        if self.connection.vendor == "postgresql":
            operations: Any = self.connection.ops
            return str(operations.compose_sql("%s", [value]))
        return str(self.editor.quote_value(value))


def _is_unique(target: Field[Any, Any]) -> bool:
    meta = target.model._meta
    together = [each.fields for each in meta.total_unique_constraints]
    return target.unique or (target.name,) in (*map(tuple, meta.unique_together), *together)


def _referred(field: Any) -> Any:
    """Return the field at the end of a chain of foreign keys, whose type all of them have."""
    while field.remote_field:
        field = field.target_field
    return field


def _has_db_default(field: Field[Any, Any]) -> bool:
    return getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED


def _is_called(field: Field[Any, Any]) -> bool:
    """True for a default that is a function; the sign for "none" is a class, which is not meant."""
    return field.default is not NOT_PROVIDED and callable(field.default)


def _is_now(field: Field[Any, Any]) -> bool:
    """True for `auto_now` and `auto_now_add`, whose default is the moment it is asked for."""
    return bool(getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))


def _parse(sql: str, plain: Sequence[str], columns: Sequence[str]) -> ConstraintSpec:
    """Take `CREATE INDEX …` or `ALTER TABLE … ADD CONSTRAINT …` apart.

    Django counts the characters of a name, and PostgreSQL its bytes.
    """
    words = sql.upper().split(maxsplit=2)
    names = [unquote(text) for kind, text in tokens(sql) if kind == "quoted"]
    if words[0] == "CREATE":
        index_sql = _after(sql, "ON", names[1])
        name, is_unique = shorten(names[0]), words[1] == "UNIQUE"
        return ConstraintSpec("index", name, tuple(plain), index_sql, is_unique)
    rest = _after(sql, "CONSTRAINT", names[1])
    kind = next(each for each in CONSTRAINT_KINDS if rest.lower().startswith(each))
    concerned = tuple(plain) or tuple(name for name in columns if name in names[2:])
    return ConstraintSpec(kind, shorten(names[1]), concerned, rest, kind == "unique")


def _after(sql: str, word: str, name: str) -> str:
    """Return what follows `word "name"`."""
    mark = f"{word} {quote(name)}"
    return sql[sql.index(mark) + len(mark) :].strip()
