"""The errors of dumps and restores."""

from __future__ import annotations

from dynschema.evolution.exceptions import EvolutionError


class FolderExistsError(EvolutionError):
    """The folder for a dump is there already."""

    code = "E570"
    text = 'The folder "{folder}" exists already{reason}. {remedy}'


class OpenTransactionError(EvolutionError):
    """A dump cannot be consistent within a transaction that has begun before."""

    code = "E571"
    text = (
        'A dump needs a transaction of its own, and one is open on database "{using}". '
        "Dump outside of it."
    )


class IncompleteDumpError(EvolutionError):
    """A table could not be read, or the dump has not all of its files."""

    code = "E572"
    text = 'The dump in "{folder}" is not complete: {reason}. {remedy}'


class ChangedDumpError(EvolutionError):
    """A data file is not as it was written."""

    code = "E573"
    text = (
        'The file "{file}" of the dump in "{folder}" is not as it was written. '
        "If you have edited it yourself, restore with --edited; otherwise do not restore this dump."
    )


class UnfitRowError(EvolutionError):
    """A row does not fit into its table."""

    code = "E574"
    text = (
        "{model} with the primary key {pk} does not fit: {reason} The database is unchanged. "
        "Correct the row in its data file, or create_{table}() in restore.py, then restore again."
    )


class UnloadableFileError(EvolutionError):
    """A line of a data file cannot be executed."""

    code = "E575"
    text = (
        '"{file}", line {line}, cannot be executed: {reason}. The database is unchanged. '
        "Comment out in restore.py what is gone (a field in its create function, a model in "
        "main()), then restore again."
    )


class UnresolvedModelError(EvolutionError):
    """A model of the dump is not in the code."""

    code = "E576"
    text = (
        "There is no model {label} any more. "
        "Comment out its lines in main() of restore.py, or write a migrator."
    )


class FilledTableError(EvolutionError):
    """A database without transactions takes a dump only into empty tables."""

    code = "E577"
    text = (
        'The table "{table}" has {count} rows, and database "{using}" cannot undo a restore that '
        "fails. Empty its tables first."
    )


class UnfitColumnError(EvolutionError):
    """A retired column has a type that the database does not know."""

    code = "E578"
    text = (
        'The retired column "{column}" of table "{table}" has the type "{type}", which '
        "{vendor} does not know. The database is unchanged. "
        "Change the column in restore.py, or remove it there."
    )


class MissingStepError(EvolutionError):
    """No method leads from the version of a dump to the next one."""

    code = "E579"
    text = (
        "{migrator} has no method {method}(), so a dump of version {version} cannot become one of "
        "version {target}. Write the method; it returns the next version."
    )


class WrongVersionError(EvolutionError):
    """A step of a migrator does not return a later version."""

    code = "E580"
    text = (
        "{migrator}.{method}() returned {returned}. It must return the version that it leads to, "
        "a string such as {target}, later than {version}."
    )


class UnknownNameError(EvolutionError):
    """A migrator overrides what the dump does not have."""

    code = "E581"
    text = 'There is no "{name}" in the dump that could be overridden. {remedy}'


class NoMigratorError(EvolutionError):
    """The migrator of the project cannot be used."""

    code = "E582"
    text = (
        'DYNSCHEMA["evolution"]["migrator"] is "{path}", which {reason}. '
        "Name a subclass of dynschema.evolution.dumps.migrators.Migrator."
    )


class DifferentDumpError(EvolutionError):
    """A dump of what was restored differs from the dump that it came from."""

    code = "E583"
    text = 'The dumps in "{first}" and "{second}" differ: {reason}. Compare these files.'


class NoDumpError(EvolutionError):
    """There is no dump in a folder."""

    code = "E584"
    text = 'There is no dump in "{folder}". Name a folder with a restore.py.'


class NotARestoreError(EvolutionError):
    """A run of a dump or a restore was lost; no worker can go on with it."""

    code = "E585"
    text = (
        'The {kind} "{name}" ended with its process and cannot be taken over. '
        "What a restore had done was rolled back; start it again."
    )


class UnwritableFolderError(EvolutionError):
    """A folder cannot be written, or not to its end."""

    code = "E586"
    text = (
        'The dump cannot be written to "{folder}": {reason}. Nothing of it is left there. '
        "Make room, or name a folder in which you may write."
    )


class UnwritableValueError(EvolutionError):
    """A value of a field of somebody else would not be the same after a restore."""

    code = "E587"
    text = (
        "A value of {model}.{field} cannot be written: {reason}. "
        "Give the field a value_to_string() of whose text its to_python() makes the same value."
    )


class CascadingRowsError(EvolutionError):
    """The database would delete or change rows that are not in the dump."""

    code = "E588"
    text = (
        'The table "{table}" has {count} rows that the dump has not, and the database would not '
        'leave them alone when those of "{target}" are replaced (ON DELETE {action}). '
        "Dump both tables, or empty the first one."
    )
