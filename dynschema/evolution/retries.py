"""Whether an error is tried again, and after how long."""

from __future__ import annotations

import sqlite3

from django.db import OperationalError

from dynschema.evolution.exceptions import UnknownWorkError
from dynschema.evolution.work import Work

CODE_RETRIES = 6
CODE_DELAY_SECONDS = 300.0
"""Together half an hour: a worker that still has the old code is restarted within it."""


LOW_BYTE = 0xFF
"""The rest of a code of SQLite only says more of the same."""

PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PROTOCOL,
}
"""What SQLite says of locks, and of a file that cannot be reached."""


def is_retried(error: Exception, attempts: int, work: Work) -> bool:
    """Tell whether an error is tried again by itself.

    Args:
        error: what went wrong.
        attempts: how often in a row it went wrong before.
        work: says which errors, and how often.
    """
    return attempts < work.retries and any(_is_meant(error, each) for each in work.retry_on)


def _is_meant(error: Exception, wanted: type[Exception]) -> bool:
    return isinstance(error, wanted) and (wanted is not OperationalError or _may_pass(error))


def _may_pass(error: Exception) -> bool:
    """Tell a lock from a mistake: to SQLite a missing column is an operational error as well."""
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    return code is None or code & LOW_BYTE in PASSING


def retry_delay(error: Exception, attempts: int, work: Work | None) -> float | None:
    """Return after how many seconds to try again; None when the error counts.

    Args:
        error: what went wrong.
        attempts: how often in a row it went wrong before.
        work: None when it was not even found.
    """
    if work is None:
        return CODE_DELAY_SECONDS if _lacks_code(error) and attempts < CODE_RETRIES else None
    if is_retried(error, attempts, work):
        return work.retry_delay_seconds * 2.0**attempts
    return None


def _lacks_code(error: Exception) -> bool:
    """Tell whether a deploy may bring what is missing; an error of ours may tell of the import."""
    is_import = isinstance(error, ImportError) or isinstance(error.__cause__, ImportError)
    return is_import or isinstance(error, UnknownWorkError)
