"""Whether an error is tried again, and after how long."""

from __future__ import annotations

from dynschema.evolution.exceptions import UnknownWorkError
from dynschema.evolution.work import Work

CODE_RETRIES = 6
CODE_DELAY_SECONDS = 300.0
"""Together half an hour: a worker that still has the old code is restarted within it."""


def retry_delay(error: Exception, attempts: int, work: Work | None) -> float | None:
    """Return after how many seconds to try again; None when the error counts.

    Args:
        error: what went wrong.
        attempts: how often in a row it went wrong before.
        work: None when it was not even found.
    """
    if work is None:
        return CODE_DELAY_SECONDS if _lacks_code(error) and attempts < CODE_RETRIES else None
    if isinstance(error, work.retry_on) and attempts < work.retries:
        return work.retry_delay_seconds * 2.0**attempts
    return None


def _lacks_code(error: Exception) -> bool:
    """Tell whether a deploy may bring what is missing; an error of ours may tell of the import."""
    is_import = isinstance(error, ImportError) or isinstance(error.__cause__, ImportError)
    return is_import or isinstance(error, UnknownWorkError)
