"""Every error that this package raises: a code, the facts, and what to do now."""

from __future__ import annotations

from typing import Any, ClassVar


class DynschemaError(Exception):
    """The base of all errors here; `str()` gives code, message and remedy in one paragraph.

    The facts are keyword arguments and stay available as attributes.
    """

    code: ClassVar[str] = "E000"
    text: ClassVar[str] = "{reason}"

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        self.definition: Any = facts.pop("definition", None)
        self.source: Any = facts.pop("source", None)
        for name, value in facts.items():
            setattr(self, name, value)
        super().__init__(f"[dynschema.{self.code}] {self.message}")

    @property
    def message(self) -> str:
        """The text without its code, as a form shows it."""
        return self.text.format(**self.facts)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.facts)


def _rebuild(kind: type[DynschemaError], facts: dict[str, Any]) -> DynschemaError:
    return kind(**facts)


class DefinitionError(DynschemaError):
    """A definition cannot become a table.

    Attributes:
        definition: the definition, or the field definition, at fault; None when unknown.
        source: the name of the form field at fault (`"slug"`); None for the whole row.
    """


class InvalidNameError(DefinitionError):
    """A name cannot be used in Python or in SQL."""

    code = "E101"
    text = 'The name "{name}" cannot be used: {reason}. {remedy}'


class NameTakenError(DefinitionError):
    """Two things would have the same name."""

    code = "E102"
    text = 'The name "{name}" is taken by {owner}. Choose another name.'


class InvalidDefinitionError(DefinitionError):
    """The blueprint refuses a definition."""

    code = "E103"
    text = "{reason}"


class UnsavedDefinitionError(DefinitionError):
    """A definition without a primary key has no table."""

    code = "E104"
    text = "{label} has not been saved, so it has no table. Save it first."


class NoTableError(DefinitionError):
    """A definition has no dynamic model (yet)."""

    code = "E105"
    text = "{label} has no table: {reason}. {remedy}"


class UnknownTargetError(DefinitionError):
    """A relation points to a model that does not exist."""

    code = "E106"
    text = (
        'The field "{field}" of "{label}" points to "{target}", and there is no such model. '
        "Define that model first, or point the field to another one."
    )


class StillNeededError(DefinitionError):
    """A table cannot go or get another name, since another definition refers to it."""

    code = "E107"
    text = (
        'The model "{model}" cannot be removed or renamed, since {dependent} refers to it: '
        "{reason} "
        "Change {dependent} first."
    )


class RefusedRowError(DefinitionError):
    """The database refuses a row that the forms of the admin have found valid."""

    code = "E108"
    text = (
        "The database refuses what was typed: {reason}. "
        "Nothing was changed. "
        "Look whether somebody else has saved the same meanwhile; what must be unique can move "
        "from one row to another in two steps."
    )


class PlanError(DynschemaError):
    """A plan is refused before anything was changed.

    Attributes:
        table: the table's name in the database.
        key: the key of the field at fault, or of the table.
    """


class RequiredWithoutDefaultError(PlanError):
    """A required field cannot be added to a filled table without a value for the rows there."""

    code = "E201"
    text = (
        'The required field "{field}" cannot be added to table "{table}": the {rows} there would '
        "have no value. "
        "Give the field a default, make it optional, or fill it in later and then require it."
    )


class EmptyValuesError(PlanError):
    """A field with empty values cannot become required."""

    code = "E202"
    text = (
        'The field "{field}" of table "{table}" cannot become required: {rows} no value '
        "({examples}). "
        "Fill them in first, or leave the field optional."
    )


class DuplicateValuesError(PlanError):
    """Values that occur more than once cannot become unique."""

    code = "E203"
    text = (
        '{subject} of table "{table}" cannot become unique: {rows} share a value with another '
        "({examples}). {remedy}"
    )


class MissingTargetsError(PlanError):
    """References to rows that are gone cannot become a foreign key."""

    code = "E204"
    text = (
        'The field "{field}" of table "{table}" cannot refer to "{target}": {rows} to a row that '
        "is not "
        "there ({examples}). Clear or correct them first."
    )


class LossyChangeError(PlanError):
    """A type change would not keep every value."""

    code = "E205"
    text = (
        'The field "{field}" of table "{table}" cannot change from {old} to {new}: {rows} a value '
        "that is not "
        "sure to survive ({examples}). Add a new field, copy the values, and remove the old one."
    )


class ViolatedConstraintError(PlanError):
    """Rows break a constraint that is to be added."""

    code = "E206"
    text = (
        'The constraint "{constraint}" cannot be added to table "{table}": {rows} it ({examples}). '
        "Correct them first."
    )


class TableExistsError(PlanError):
    """A table that we did not make has the name that a definition asks for."""

    code = "E207"
    text = (
        'The table "{table}" exists already and was not made by dynschema, so it is left alone. '
        "Choose another db_table, or rename that table."
    )


class ColumnExistsError(PlanError):
    """A column that we did not make has the name that a field asks for."""

    code = "E208"
    text = (
        'The column "{field}" of table "{table}" exists already and was not made by dynschema, so '
        "it is left "
        "alone. Choose another db_column, or rename that column."
    )


class UnsupportedChangeError(PlanError):
    """The change is outside of what can be done safely."""

    code = "E209"
    text = 'The table "{table}" cannot be changed: {reason}. {remedy}'


class VerificationError(PlanError):
    """The table read back is not the wanted one; everything is rolled back."""

    code = "E210"
    text = (
        'The table "{table}" did not become what was asked for: {differences}. '
        "Nothing was changed. "
        "Please report this with the output of `manage.py dynschema plan --json`."
    )


class CannotCompareError(PlanError):
    """The server did not say how it would spell a wanted table, so nothing can be compared."""

    code = "E211"
    text = (
        'The table "{table}" cannot be compared with what is wanted: the server did not build a '
        "temporary table like it ({reason}). Correct the definition, or allow the user of the "
        "database to create temporary tables."
    )


class StatementFailedError(PlanError):
    """The database refused a statement; everything is rolled back."""

    code = "E212"
    text = (
        'The table "{table}" was not changed: the database refused a step ({step} {reason}) '
        "Nothing was changed. Correct the definition or the data, then try again."
    )


class BusyError(DynschemaError):
    """The locks that a change needs could not be had in time."""

    code = "E301"
    text = "The change was not made: {reason}. Nothing was changed; try again."


class UnsupportedDatabaseError(DynschemaError):
    """The database cannot keep the promise that rows and tables change together."""

    code = "E302"
    text = (
        'The database "{alias}" ({vendor}) cannot change tables and rows in one transaction. '
        "Use PostgreSQL or SQLite for dynamic tables."
    )


class BrokenTransactionError(DynschemaError):
    """A change was asked for in a transaction that can only be rolled back."""

    code = "E303"
    text = (
        "The change was not made: the transaction is already broken. "
        "Let it roll back, then try again."
    )


class NotInstalledError(DynschemaError):
    """Tables or columns of dynschema itself, or of the definitions, are missing."""

    code = "E304"
    text = (
        'The database "{alias}" lacks tables or columns of dynschema or of the definitions. '
        "Run `manage.py migrate`."
    )


class OtherSchemaError(DynschemaError):
    """New tables would go to another schema of PostgreSQL than those of dynschema are in."""

    code = "E305"
    text = (
        'The change was not made: the tables of dynschema are in the schema "{home}", and new '
        'tables would go to "{target}", which comes first in the search_path now. '
        'Put "{home}" first, or run `manage.py migrate` if "{target}" is to have its own.'
    )
