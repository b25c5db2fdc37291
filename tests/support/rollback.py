"""A block of code whose changes are taken back in the end."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from django.db import transaction


class TakenBackError(Exception):
    """Raised by a caller who has changed their mind."""


@contextmanager
def taken_back(block: AbstractContextManager | None = None) -> Iterator[None]:
    """Roll back what happens inside, in a block of Django's, or in the one given."""
    try:
        with block or transaction.atomic():
            yield
            raise TakenBackError
    except TakenBackError:
        pass
