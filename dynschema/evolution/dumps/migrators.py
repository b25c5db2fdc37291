"""Carries a dump from the version of the site that wrote it to the version that restores it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from difflib import get_close_matches
from inspect import getdoc
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.utils.module_loading import import_string
from django.utils.version import get_version_tuple

from dynschema.evolution.conf import configuration
from dynschema.evolution.dumps.exceptions import (
    MissingStepError,
    NoMigratorError,
    UnknownNameError,
    WrongVersionError,
)

if TYPE_CHECKING:
    from dynschema.evolution.dumps.loading import Loader

logger = logging.getLogger("dynschema.evolution.dumps")

Function = TypeVar("Function", bound=Callable[..., Any])
Hook = Callable[["Loader"], Any]


class Migrator:
    """What a project changes in dumps of its older versions; the setting `migrator` names it.

    For each old version there is a method `migrate_from_1_0(self, globals_dict)`, which returns the
    next version. It gets the globals of restore.py and may replace what is in there, above all
    with `override`.
    """

    version: ClassVar[str] = ""
    """Of the site as it is now; a dump is marked with it."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self.hooks_before: list[Hook] = []
        self.hooks_after: list[Hook] = []

    def before_load(self, hook: Hook) -> Hook:
        """Have a function called, with the loader, when the tables are empty."""
        self.hooks_before.append(hook)
        return hook

    def after_load(self, hook: Hook) -> Hook:
        """Have a function called, with the loader, when all files are loaded."""
        self.hooks_after.append(hook)
        return hook

    def migrate(self, source: str, globals_dict: dict[str, Any]) -> None:
        """Take all steps from a version to that of the site.

        Raises:
            MissingStepError: a method is missing.
            WrongVersionError: a method does not return a later version.
        """
        while self.version and source != self.version:
            source = self._step(source, globals_dict)

    def _step(self, source: str, globals_dict: dict[str, Any]) -> str:
        name = f"migrate_from_{re.sub(r'[^0-9A-Za-z]', '_', source) or 'none'}"
        step = getattr(self, name, None)
        if step is None:
            raise MissingStepError(
                migrator=self._path, method=name, version=source or "none", target=self.version
            )
        logger.info("Migrating from version %s: %s", source, getdoc(step) or "")
        reached = step(globals_dict)
        if not self._leads_on(source, reached):
            raise WrongVersionError(
                migrator=self._path,
                method=name,
                returned=repr(reached),
                target=repr(self.version),
                version=source,
            )
        return str(reached)

    def _leads_on(self, source: str, reached: Any) -> bool:
        if not isinstance(reached, str):
            return False
        before, after, end = (
            get_version_tuple(each or "0") for each in (source, reached, self.version)
        )
        return before < after <= end

    @property
    def _path(self) -> str:
        return f"{type(self).__module__}.{type(self).__qualname__}"


def override(globals_dict: dict[str, Any]) -> Callable[[Function], Function]:
    """Replace the function of the same name in restore.py.

    Raises:
        UnknownNameError: there is none of that name, as after a typo.
    """

    def replace(function: Function) -> Function:
        name = function.__name__
        if name not in globals_dict:
            close = get_close_matches(name, globals_dict, n=1)
            remedy = f'Did you mean "{close[0]}"?' if close else "Look into its restore.py."
            raise UnknownNameError(name=name, remedy=remedy)
        globals_dict[name] = function
        return function

    return replace


def noop(*values: Any) -> None:
    """Take the place of a create function whose rows are to be left out."""


def current_version() -> str:
    """Return the version of the site, with which a dump is marked; empty without a migrator."""
    return migrator_class().version


def migrator_class() -> type[Migrator]:
    """Return the migrator of the project.

    Raises:
        NoMigratorError: the setting names something else.
    """
    path = configuration().migrator
    if not path:
        return Migrator
    try:
        found = import_string(path)
    except ImportError as error:
        raise NoMigratorError(path=path, reason=f"cannot be imported ({error})") from error
    if not (isinstance(found, type) and issubclass(found, Migrator)):
        raise NoMigratorError(path=path, reason="is no Migrator")
    return found
