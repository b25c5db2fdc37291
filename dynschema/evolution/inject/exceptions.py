"""Every error about injected fields: a code, the facts, and what to do now."""

from __future__ import annotations

from dynschema.evolution.exceptions import EvolutionError


class InjectionError(EvolutionError):
    """The base of all errors about injected fields.

    Attributes:
        place: file and line of the call, as text.
    """


class DuplicateFieldError(InjectionError):
    """The name or the column of an injected field is in use."""

    code = "E590"
    text = (
        'The field "{name}" cannot be injected into {model} ({place}): {reason}. '
        "Inject it under another name, or take one of the two away."
    )


class ForbiddenInjectionError(InjectionError):
    """A model cannot take an injected field, or not this one."""

    code = "E591"
    text = 'The field "{name}" cannot be injected into {model} ({place}): {reason}. {remedy}'


class UnknownFieldError(InjectionError):
    """The field that is to be updated does not exist."""

    code = "E592"
    text = (
        'The field "{name}" of {model} cannot be updated ({place}): the model has no such field; '
        "it has {known}. Correct the name, or inject the field first."
    )


class ForbiddenUpdateError(InjectionError):
    """An attribute of a field cannot be updated."""

    code = "E593"
    text = 'The field "{name}" of {model} cannot be updated ({place}): {reason}. {remedy}'


class NeverPreparedError(InjectionError):
    """A model that was waited for is not there when all apps are loaded."""

    code = "E594"
    text = (
        "{count} still waiting for models that are not there, although all apps are loaded: "
        "{calls}. Correct the name of the model (an abstract one is never there), or add its app "
        "to INSTALLED_APPS."
    )


class UnusableModelError(InjectionError):
    """What was given instead of a model is none."""

    code = "E595"
    text = (
        'There is no model to wait for in {given} ({place}). Give a model class, "app.Model", '
        "or None."
    )


class ColumnTakenError(InjectionError):
    """The column of an injected field belongs to somebody else."""

    code = "E596"
    text = (
        'The field "{name}" injected into {model} ({place}) cannot have the column "{column}" of '
        'table "{table}" in database "{using}": {reason}. Choose another db_column.'
    )


class LostRowsError(InjectionError):
    """A migration that makes a table anew would lose the values of injected fields."""

    code = "E597"
    text = (
        'The table "{table}" cannot be made anew by this migration: {rows} of its {count} rows '
        "would lose the values of the injected columns {columns}, since their primary key changes. "
        "Nothing was changed. Copy these values to another table first."
    )


class NotRecordableError(InjectionError):
    """A database has models with injected fields, and no tables of dynschema."""

    code = "E598"
    text = (
        'The database "{using}" has models with injected fields ({models}), and the router keeps '
        "the tables of dynschema away from it. Let allow_migrate() accept the app label "
        '"dynschema" there, or keep these models away too.'
    )


class KeptColumnError(InjectionError):
    """A migration would make a column where one has the values of an injected field."""

    code = "E599"
    text = (
        "The migration cannot {change}: it is there, and has the values of an injected field. "
        "Nothing was changed. {remedy}"
    )
