"""The errors of post-deploy actions."""

from __future__ import annotations

from dynschema.evolution.exceptions import EvolutionError


class InvalidActionError(EvolutionError, ValueError):
    """Something cannot be a post-deploy action."""

    code = "E520"
    text = (
        "{given} cannot be a post-deploy action: {reason}. "
        "Put the decorator above a function of a module that needs no arguments, "
        "and specify keyword arguments when using this decorator."
    )


class UnknownSchemaError(EvolutionError):
    """A tenant's schema is not there."""

    code = "E521"
    text = (
        'There is no schema "{schema}", so nothing was executed in it. '
        "Name another one, or create the tenant."
    )
