"""Every error that the door of schedules raises; Sisy's users catch most of them as ValueError."""

from __future__ import annotations

from dynschema.evolution.exceptions import EvolutionError


class InvalidScheduleError(EvolutionError, ValueError):
    """A cron line cannot be read."""

    code = "E560"
    text = (
        'The schedule "{schedule}" is not valid: {reason}. '
        "Give five fields (minute, hour, day, month, weekday), or six with the seconds last, "
        'as "30 0 * * *" for half past midnight.'
    )


class UnknownTimeZoneError(EvolutionError, ValueError):
    """There is no time zone of that name."""

    code = "E561"
    text = (
        'There is no time zone "{name}". '
        'Name one as "Europe/Berlin"; leave it empty for that of the site.'
    )


class InvalidCallableError(EvolutionError, ValueError):
    """Something cannot be called by a schedule."""

    code = "E562"
    text = (
        "{given} cannot be scheduled: {reason}. Give a function, a static or class method, a "
        "method of a saved model instance, a registered work, or the dotted path of one."
    )


class InvalidDelayError(EvolutionError, ValueError):
    """A task shall begin at no proper time."""

    code = "E563"
    text = "Task cannot start running {reason}. Give delay_until as an aware datetime to come."


class LabelTakenError(EvolutionError, ValueError):
    """Two schedules would have the same label."""

    code = "E564"
    text = (
        'There is a schedule labelled "{label}" already. '
        "Give this one another label, or change that one."
    )


class InstanceGoneError(EvolutionError):
    """The instance whose method is to be called was deleted."""

    code = "E565"
    text = (
        'The schedule "{label}" calls {path} of the {model} with primary key {pk}, which is gone. '
        "Delete the schedule, or create it anew for another instance."
    )


class MissingDependencyError(EvolutionError):
    """A migration schedules something before there is a table for it."""

    code = "E566"
    text = (
        'The schedule "{label}" cannot be stored yet: there is no table for schedules. '
        'Add ("dynschema_evolution", "{migration}") to the dependencies of the migration.'
    )


class NaiveTimesError(EvolutionError):
    """The site stores times without a time zone."""

    code = "E567"
    text = (
        'The schedule "{label}" cannot be stored: USE_TZ is False, and a time without a zone is '
        "not told from that an hour later when clocks are put back. Set USE_TZ = True."
    )


class OddRecordError(EvolutionError, ValueError):
    """A record of Sisy has something else where there should be a JSON object."""

    code = "E568"
    text = (
        'The column {column} of the Sisy task "{label}" is {value}, and no JSON object. '
        "Correct it there, or schedule that task anew; then call adopt_records again."
    )


class InvalidTaskError(EvolutionError, ValueError):
    """A schedule has something that its column cannot hold."""

    code = "E569"
    text = 'The schedule "{label}" cannot be stored: {reason}. Nothing was stored; correct that.'


class NoTaskTableError(EvolutionError):
    """A database has no table for schedules."""

    code = "E559"
    text = (
        'Database "{using}" has no table for schedules. '
        "Run: manage.py migrate dynschema_evolution --database={using}."
    )
