"""One click in the admin is one block: what it saved, what it has to say, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from django.db import IntegrityError
from django.http import HttpRequest

from dynschema.blocks import Block, atomic
from dynschema.exceptions import DynschemaError, RefusedRowError
from dynschema.schema.plan import Plan
from dynschema.sync import plan

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

_clicks: WeakKeyDictionary[HttpRequest, Click] = WeakKeyDictionary()


class Previewed(Exception):  # noqa: N818 - it rolls back, and nothing is wrong
    """The rows were saved to see what would follow; now they are rolled back."""

    def __init__(self, plans: list[Plan]) -> None:
        super().__init__()
        self.plans = plans


@dataclass
class Click:
    """One POST to a page about definitions."""

    request: HttpRequest
    forms: list[Any] = field(default_factory=list)
    """What was saved; empty when there was nothing to save, or it was not valid."""
    announcements: list[Callable[[], None]] = field(default_factory=list)
    """What to tell once the tables have followed."""
    is_over: bool = False
    """The forms are shown again and must not be saved again."""

    @contextmanager
    def block(self, using: str) -> Iterator[Block]:
        """Save and change tables together, then tell about it.

        Raises:
            DynschemaError: the change is refused; nothing was changed and nothing is told.
        """
        try:
            with self._open(), atomic(using, actor=self.request.user) as block:
                yield block
        except IntegrityError as error:
            # The forms of inline rows do not see what must be unique together with the definition.
            raise RefusedRowError(reason=str(error).partition("\n")[0]) from error
        self._announce()

    @contextmanager
    def repeated(self) -> Iterator[None]:
        """Let the same page be made again, from what was typed, without saving."""
        self.is_over = True
        self.announcements.clear()
        with self._open():
            yield
        self._announce()

    def _announce(self) -> None:
        for announce in self.announcements:
            announce()

    @contextmanager
    def _open(self) -> Iterator[None]:
        _clicks[self.request] = self
        try:
            yield
        finally:
            del _clicks[self.request]


def click_of(request: HttpRequest) -> Click | None:
    """Return the click that this request is, while its block is open or its page is repeated."""
    return _clicks.get(request)


def preview(block: Block) -> None:
    """Ask for the plans, which takes no lock on any table, and end the block without a trace.

    Raises:
        DefinitionError: a definition cannot become a table.
        PlanError: the data would not survive.
        Previewed: always, otherwise; with the plans.
    """
    intended = [each for each in plan(block.using, block.marks) if each or each.unsure]
    raise Previewed([*block.plans, *intended])


@dataclass(frozen=True)
class Refusal:
    """Where on a page an error belongs."""

    prefix: str | None
    """Of the form of the row at fault; None for the main form, and when the row is not there."""
    fields: tuple[str, ...]
    """The form fields that may be at fault, the likeliest first."""
    message: str

    @classmethod
    def of(cls, error: DynschemaError, click: Click, fields: tuple[str, ...]) -> Refusal:
        """Find the form that saved the row at fault; its row has a primary key only until now.

        Args:
            error: what the block was refused for.
            click: what was saved.
            fields: where to look for the fault if the error does not say it.
        """
        at_fault = (each for each in click.forms if each.instance == error.definition)
        form = next(at_fault, None)
        if form is None and error.definition is not None:
            return cls(None, (), error.message)
        source = (error.source,) if error.source else fields
        return cls(form.prefix if form else None, source, error.message)

    def is_about(self, form: Any) -> bool:
        """True for the form of the row at fault."""
        return bool(form.prefix == self.prefix)

    def show_on(self, form: Any) -> None:
        """Put the error where the person who typed will look for it."""
        present = (name for name in self.fields if name in form.fields)
        form.add_error(next(present, None), self.message)
