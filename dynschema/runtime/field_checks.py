"""Asks the fields of a generated class whether Django itself would accept them."""

from __future__ import annotations

from collections.abc import Container

from django.core.checks import ERROR
from django.db import models

from dynschema.exceptions import InvalidDefinitionError
from dynschema.runtime.build import ModelClass, key_of


def check_fields(model: ModelClass, names: Container[str], using: str) -> None:
    """Refuse a field that `manage.py check` would refuse in a model written by hand.

    A relation is not asked: it would look for its target among the static models alone. Nor is a
    field with a check of its own, which may look for its model there, or for a table.

    Args:
        model: a generated class.
        names: the fields that are meant.
        using: the alias of the database; a field may ask what is possible there.

    Raises:
        InvalidDefinitionError: with what Django says.
    """
    for field in model._meta.local_concrete_fields:
        is_plain = type(field).check.__module__.startswith("django.")
        if field.name in names and is_plain and not field.is_relation:
            _check(field, key_of(model), using)


def _check(field: models.Field, key: str, using: str) -> None:
    for problem in field.check(databases=[using]):
        if problem.level >= ERROR and not problem.is_silenced():
            why = str(problem.msg).rstrip(".")
            remedy = problem.hint or "Correct it in the blueprint."
            raise InvalidDefinitionError(
                reason=f'The field "{field.name}" is not valid: {why}. {remedy}',
                key=key,
                field=field.name,
            )
