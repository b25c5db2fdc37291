"""Finds work by its kind and its lasting name, and nothing else: rows lead to no other code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.apps import apps

from dynschema.evolution.callables import IN_VAIN, import_home, is_called_in_vain, path_of
from dynschema.evolution.exceptions import (
    DuplicateWorkError,
    InvalidWorkError,
    NotRegisteredError,
    UnknownWorkError,
)
from dynschema.evolution.work import Work

KIND = "work"
"""The kind of what `register` registers; each door has its own."""

Factory = Callable[..., Work]
"""Makes a work from the arguments of a run."""

Given = TypeVar("Given", bound=Callable[..., Any])


@dataclass(frozen=True)
class Reference:
    """How a row names a work."""

    kind: str
    name: str

    def factory(self) -> Factory:
        """Return what makes the work; its signature is that of the arguments.

        Raises:
            UnknownWorkError: there is none of that name.
        """
        if self.kind not in _finders:
            reason = f"there is no such kind, only {', '.join(kinds())}"
            raise UnknownWorkError(kind=self.kind, name=self.name, reason=reason)
        return _finders[self.kind](self.name)


class FunctionWork(Work):
    """Work that is one call of a function."""

    def __init__(self, function: Callable[..., Any], arguments: dict[str, Any]) -> None:
        self._function = function
        self._arguments = arguments

    def process(self, item: Any) -> None:
        """Call it."""
        self._function(**self._arguments)


_registered: dict[str, Any] = {}


def register(name: str = "") -> Callable[[Given], Given]:
    """Register the class or function below as work.

    Args:
        name: under which runs are stored; by default the dotted path, which then must not change.
            The module of any other name must be imported in every process, as models are.

    Raises:
        DuplicateWorkError: the name belongs to something else.
        InvalidWorkError: no run could execute it.
    """

    def remember(given: Given) -> Given:
        _refuse_what_is_no_work(given)
        key = name or path_of(given)
        owner = _registered.setdefault(key, given)
        if path_of(owner) != path_of(given):
            raise DuplicateWorkError(name=key, owner=path_of(owner), other=path_of(given))
        _registered[key] = given
        return given

    return remember


def _refuse_what_is_no_work(given: Any) -> None:
    called = [given, getattr(given, "process", None), getattr(given, "process_batch", None)]
    if any(map(is_called_in_vain, called)):
        raise InvalidWorkError(given=path_of(given), reason=IN_VAIN)
    if isinstance(given, type) and not issubclass(given, Work):
        raise InvalidWorkError(given=path_of(given), reason="it is a class, and no Work")


def register_kind(kind: str, finder: Callable[[str], Factory]) -> None:
    """Tell how works of a kind are found.

    Args:
        kind: the word for it in runs and errors, as `migration`.
        finder: takes a name; raises `UnknownWorkError` where there is none.
    """
    _finders[kind] = finder


def kinds() -> list[str]:
    """Return the kinds of works that this process can find."""
    return sorted(_finders)


def reference_to(given: Reference | str | Callable[..., Any]) -> Reference:
    """Return how a row would name a work.

    Raises:
        NotRegisteredError: it is a class or function without a name.
    """
    if isinstance(given, Reference):
        return given
    if isinstance(given, str):
        return Reference(KIND, given)
    for name, owner in _registered.items():
        if owner is given:
            return Reference(KIND, name)
    raise NotRegisteredError(given=path_of(given))


def _find_registered(name: str) -> Factory:
    if name not in _registered and apps.get_containing_app_config(name):
        import_home(name, KIND)
    if name not in _registered:
        raise UnknownWorkError(kind=KIND, name=name, reason="nothing is registered so")
    return as_factory(_registered[name])


def as_factory(given: Callable[..., Any]) -> Factory:
    """Return what makes a work of a class or of a function, with the same signature."""
    if isinstance(given, type):
        return given

    def make(**arguments: Any) -> Work:
        return FunctionWork(given, arguments)

    make.__wrapped__ = given  # type: ignore[attr-defined]
    return make


_finders: dict[str, Callable[[str], Factory]] = {KIND: _find_registered}
