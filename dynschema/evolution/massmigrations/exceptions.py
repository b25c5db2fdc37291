"""The errors of mass migrations: a code, the facts, and what to do now."""

from __future__ import annotations

from django.utils.connection import ConnectionDoesNotExist

from dynschema.evolution.exceptions import EvolutionError, UnknownWorkError


class MigrationError(EvolutionError):
    """The base of the errors of mass migrations."""


class MigrationAlreadyStarted(MigrationError):  # noqa: N818 - the name that its users know
    """A mass migration was started before."""

    code = "E530"
    text = (
        'Mass migration "{name}" was started on database "{using}" before: '
        "it is {status} (run {pk}). {remedy}"
    )


class DependentMigrationNotApplied(MigrationError):  # noqa: N818 - the name that its users know
    """A mass migration depends on one that is not applied."""

    code = "E531"
    text = (
        'Mass migration "{name}" depends on "{dependency}", which is not applied to database '
        '"{using}". Run that first: manage.py massmigrate run {dependency} --database={using}.'
    )


class RequiredMigrationNotApplied(MigrationError):  # noqa: N818 - the name that its users know
    """Code was called that requires a mass migration."""

    code = "E532"
    text = (
        '{function} requires the mass migration "{name}", which is not applied to database '
        '"{using}". Run: manage.py massmigrate run {name} --database={using}.'
    )


class CannotRunOnDB(MigrationError):  # noqa: N818 - the name that its users know
    """A mass migration is not meant for a database."""

    code = "E533"
    text = (
        'Mass migration "{name}" cannot run on database "{using}", only on {allowed}. '
        "Choose one of these, or change its allowed_db_aliases."
    )


class DbAliasNotAllowed(MigrationError, ConnectionDoesNotExist):  # noqa: N818 - the known name
    """An alias is named that does not exist, or that a mass migration never runs on."""

    code = "E534"
    text = '{subject} names the database "{using}"; possible are {known}. Correct it.'


class UnknownMigrationError(UnknownWorkError, ValueError):
    """No mass migration has that name."""

    code = "E535"
    text = (
        'There is no mass migration "{name}"; there are {known}. '
        "Correct the name, or deploy the code that has it."
    )


class InvalidMigrationError(MigrationError):
    """A file among the mass migrations is none."""

    code = "E536"
    text = 'The mass migration "{name}" cannot be loaded: {reason}. {remedy}'


class UnknownDependencyError(MigrationError):
    """A mass migration depends on one that does not exist."""

    code = "E537"
    text = (
        'Mass migration "{name}" depends on "{dependency}", which does not exist. '
        "Correct its dependencies."
    )


class DependencyCycleError(MigrationError):
    """Mass migrations wait for each other."""

    code = "E538"
    text = (
        "Mass migrations depend on each other in a circle: {circle}. "
        "None of them could ever run; remove one of these dependencies."
    )


class PendingMigrationError(MigrationError):
    """`migrate` came to a point before which a mass migration must be applied."""

    code = "E539"
    text = (
        'The mass migration "{name}" must be applied to database "{using}" before `migrate` can '
        "go on; it is {status}. {remedy}"
    )


class EnsuredInTransactionError(MigrationError):
    """A mass migration cannot be waited for, nor finished, in a transaction."""

    code = "E540"
    text = (
        'The mass migration "{name}" cannot be waited for within a transaction: nobody would see '
        "what is done until all is. Write atomic = False into that Migration class."
    )


class NotStartedError(MigrationError):
    """There is no run of a mass migration that anything could be done with."""

    code = "E541"
    text = (
        'Mass migration "{name}" was not started on database "{using}" yet. '
        "Run: manage.py massmigrate run {name} --database={using}."
    )
