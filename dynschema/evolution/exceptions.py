"""Every error that the data half raises: a code, the facts, and what to do now."""

from __future__ import annotations

from dynschema.exceptions import DynschemaError


class EvolutionError(DynschemaError):
    """The base of all errors of the data half."""


class UnknownWorkError(EvolutionError):
    """No work is known under a name."""

    code = "E501"
    text = (
        'There is no {kind} named "{name}": {reason}. '
        "Deploy the code that has it, or cancel the runs that ask for it."
    )


class NotRegisteredError(EvolutionError):
    """A class or function was given that is no registered work."""

    code = "E502"
    text = (
        "{given} is not registered as work, so no other process could find it. "
        "Put @register() above its definition."
    )


class DuplicateWorkError(EvolutionError):
    """Two works ask for the same name."""

    code = "E503"
    text = (
        'The name "{name}" belongs to {owner} and is asked for by {other}. '
        "Runs are stored under that name: give one of them another."
    )


class InvalidArgumentsError(EvolutionError, ValueError):
    """Arguments do not fit the work."""

    code = "E504"
    text = 'The arguments for "{name}" do not fit: {reason}. Nothing was launched; correct them.'


class AlreadyActiveError(EvolutionError):
    """The same work is already under way.

    Attributes:
        run: the run that is under way.
    """

    code = "E505"
    text = (
        '"{name}" is already {status} on database "{using}" (run {pk}). '
        "Wait for it to end, or cancel it."
    )


class OccasionTakenError(EvolutionError):
    """There has been a run for this occasion.

    Attributes:
        run: that run.
    """

    code = "E506"
    text = 'There is a run for "{occasion}" already (run {pk}, {status}). Nothing was launched.'


class ForbiddenMoveError(EvolutionError):
    """A run is not in a status from which it may move on as asked."""

    code = "E507"
    text = 'Run {pk} of "{name}" cannot be {wanted}: it is {status}. {remedy}'


class OwnershipLostError(EvolutionError):
    """Another worker has taken the run over; what this one was about to commit is undone."""

    code = "E508"
    text = (
        'Run {pk} of "{name}" was taken over, since nothing was heard of this worker. '
        "Its last batch was rolled back; nothing is to be done."
    )


class WorkerLostError(EvolutionError):
    """Worker after worker disappears without finishing one batch."""

    code = "E509"
    text = (
        'Run {pk} of "{name}" lost its worker {attempts} times in a row at the same place. '
        "Look for what ends the workers there (memory, time limits, sys.exit), then resume the run."
    )


class FailedItemsError(EvolutionError):
    """The run went through, but items failed."""

    code = "E510"
    text = (
        '{count} of the items of "{name}" failed; the others are done (run {pk}). '
        "Correct the causes, then resume the run: only the failed items are tried again."
    )


class InvalidQuerySetError(EvolutionError):
    """A queryset cannot be cut into batches."""

    code = "E511"
    text = (
        'The queryset of "{name}" {reason}. '
        "Batches follow the primary key: "
        "return an unsliced queryset of one model that skips no rows."
    )


class UnknownEngineError(EvolutionError):
    """No engine has that name."""

    code = "E512"
    text = (
        'There is no engine "{name}"; there are {known}. '
        'Name another one, or add it to DYNSCHEMA["evolution"]["engines"].'
    )


class EngineNotInstalledError(EvolutionError):
    """The package behind an engine is missing."""

    code = "E513"
    text = (
        'The engine "{name}" needs the package "{package}", which is not installed. '
        "Run: pip install 'dynschema[{extra}]'."
    )


class UnknownDatabaseError(EvolutionError):
    """There is no such database alias."""

    code = "E514"
    text = 'There is no database "{using}"; the settings name {known}. Nothing was launched.'


class NoRunTableError(EvolutionError):
    """A database has no table for runs."""

    code = "E515"
    text = (
        'Database "{using}" has no table for runs, which are stored beside the data they change. '
        "Run: manage.py migrate dynschema_evolution --database={using}."
    )


class DryRunError(EvolutionError):
    """A work whose batches are no transactions cannot be tried out."""

    code = "E516"
    text = (
        '"{name}" cannot be launched as a dry run: its batches are not transactions '
        "(atomic = False), so they could not be undone."
    )


class InvalidWorkError(EvolutionError, TypeError):
    """Something was registered that no run could execute."""

    code = "E517"
    text = (
        "{given} cannot be work: {reason}. "
        "Register a function that has done its work when it returns, or a class derived from Work."
    )


class AfterCommitError(EvolutionError):
    """What was to follow the commit of a batch has failed; the batch itself is done."""

    code = "E519"
    text = (
        'A batch of "{name}" is committed, but what was to follow the commit (on_commit) failed: '
        "{reason}. See to what has not happened, then resume the run: it goes on behind the batch."
    )


class ProcessEndedError(EvolutionError):
    """Work has called `sys.exit`, and a command must not take its exit code for its own."""

    code = "E518"
    text = (
        "Work wanted to end this process (sys.exit, {exit_code!r}); what it was at is undone. "
        "Have it raise an error instead, and call the command again."
    )


class HandOverError(EvolutionError):
    """A run is stored, but its engine could not take it: a broker is down, or not configured."""

    code = "E522"
    text = (
        'Run {pk} of "{name}" is stored, but the engine "{engine}" could not take it: {reason}. '
        "Nothing is lost: the heartbeat hands it over again, or cancel it."
    )


class SwallowedError(EvolutionError):
    """Work caught an error of the database, and its transaction can only be undone since then."""

    code = "E523"
    text = (
        '"{name}" has caught an error of the database, and what was done before in the same '
        "transaction can only be undone since then. "
        "Put `with transaction.atomic():` around what may fail, then resume the run."
    )
