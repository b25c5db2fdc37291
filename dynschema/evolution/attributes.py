"""Can a run use the attributes of its work, and what whoever launches it said instead?"""

from __future__ import annotations

from collections.abc import Collection
from math import inf
from typing import Any

from dynschema.evolution.conf import COUNT, SECONDS, WAIT, Rule
from dynschema.evolution.exceptions import InvalidArgumentsError
from dynschema.evolution.models import Run
from dynschema.evolution.work import Work


def check_attributes(run: Run, work: Work) -> None:
    """Refuse what would fail only in the middle of a run.

    Args:
        run: how it was launched; it is not stored yet.
        work: what it will do.

    Raises:
        InvalidArgumentsError: the class of the work, or whoever launches it, has something wrong.
    """
    reason = _wrong_choice(run) or _wrong_attribute(work)
    if reason:
        raise InvalidArgumentsError(name=run.name, reason=reason)


def _wrong_choice(run: Run) -> str:
    if run.on_error not in ("stop", "skip"):
        return f'on_error is {run.on_error!r}, and neither "stop" nor "skip"'
    if type(run.batch_size) is not int or run.batch_size < 1:
        return f"batch_size is {run.batch_size!r}"
    return ""


def _wrong_attribute(work: Work) -> str:
    for name, (is_allowed, wanted) in RULES.items():
        value = getattr(work, name)
        if not is_allowed(value):
            return f"{name} is {value!r}; use {wanted}"
    return ""


def _is_duration_or_none(value: Any) -> bool:
    return value is None or SECONDS[0](value)


def _is_finite_wait(value: Any) -> bool:
    return WAIT[0](value) and value < inf


def _are_errors(value: Any) -> bool:
    return isinstance(value, Collection) and all(map(_is_error, value))


def _is_error(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)


RULES: dict[str, Rule] = {
    "batch_seconds": (_is_duration_or_none, SECONDS[1]),
    "retries": COUNT,
    "retry_delay_seconds": (_is_finite_wait, WAIT[1]),
    "retry_on": (_are_errors, "a tuple of classes of errors"),
}
