"""The work of a run that a schedule has made: one call, with the user data of the schedule."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from dynschema.evolution.registry import Factory, Reference
from dynschema.evolution.schedules.exceptions import InstanceGoneError
from dynschema.evolution.schedules.targets import (
    INSTANCE_METHOD,
    WORK,
    callable_of,
    model_of,
)
from dynschema.evolution.work import Work

if TYPE_CHECKING:
    from dynschema.evolution.schedules.models import Task

KIND = "task"
"""Of the runs that schedules make; they are named after the label."""


def reference_of(task: Task) -> Reference:
    """Return how the runs of a schedule name it."""
    return Reference(KIND, task.label)


def factory_of(task: Task) -> Factory:
    """Return what makes the work of a schedule; its signature is that of the user data.

    A callable with the one parameter `message` is given all at once, as Sisy does; for any other
    the user data are its arguments.

    Raises:
        UnknownWorkError: what is to be called is not there.
    """
    function = callable_of(task.funcinfo)
    if task.funcinfo["func_type"] == WORK:
        return function
    # Where an instance comes first, it is no argument.
    bound = partial(function, None) if _is_instance_method(task) else function
    takes_message = list(inspect.signature(bound).parameters) == ["message"]

    def make(**userdata: Any) -> Work:
        return Call(task, function, userdata, takes_message=takes_message)

    if not takes_message:
        make.__wrapped__ = bound  # type: ignore[attr-defined]
    return make


class Call(Work):
    """Work that is the one call of a schedule."""

    def __init__(
        self,
        task: Task,
        function: Callable[..., Any],
        userdata: dict[str, Any],
        *,
        takes_message: bool,
    ) -> None:
        self._task = task
        self._function = function
        self._userdata = userdata
        self._takes_message = takes_message

    def process(self, item: Any) -> None:
        """Call it."""
        owner = [_instance_of(self._task)] if _is_instance_method(self._task) else []
        if self._takes_message:
            self._function(*owner, self._message())
        else:
            self._function(*owner, **self._userdata)

    def _message(self) -> dict[str, Any]:
        """Sisy's documents call the second part `message`, its code `channel_message`."""
        self._task.userdata = self._userdata
        sent = {"id": self._task.pk, "run": str(self.run.pk)}
        return {"task": self._task, "message": sent, "channel_message": sent, "run": self.run}


def _is_instance_method(task: Task) -> bool:
    return bool(task.funcinfo["func_type"] == INSTANCE_METHOD)


def _instance_of(task: Task) -> Model:
    info = task.funcinfo
    model = model_of(info)
    found = model._default_manager.filter(pk=info["model_pk"]).first()
    if found is None:
        raise InstanceGoneError(
            label=task.label, path=info["func_path"], model=model._meta.label, pk=info["model_pk"]
        )
    return found
