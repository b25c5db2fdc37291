"""Processes the next batch: all at once, and only if that fails item by item.

After an error the batch has been rolled back; the second way pins the error to its item and
keeps the items before it. An item that was alone is known, and not processed a second time. What
only the commit refuses, as deferred constraints do, is found by committing fewer and fewer.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from django.db import transaction

from dynschema.evolution.attempt import Attempt
from dynschema.evolution.batches import Batch
from dynschema.evolution.commits import Result, Step, commit
from dynschema.evolution.exceptions import AfterCommitError, OwnershipLostError, SwallowedError
from dynschema.evolution.failures import ItemError, describe_error, failure_of, name_item
from dynschema.evolution.models import RunFailure
from dynschema.evolution.retries import is_retried


def process_next(attempt: Attempt) -> Step:
    """Process what is next and commit it together with the progress.

    Raises:
        AfterCommitError: what was to follow the commit failed.
        ItemError: an item failed, and the run is to stop at it.
        OwnershipLostError: another worker has the run now; nothing was changed.
    """
    if attempt.retries_failures:
        return _commit_or(_fail_again, attempt, _try_failure_again)
    if attempt.run.cursor == attempt.run.end:
        return Step.NOTHING_LEFT
    return _process_batch(attempt)


def _process_batch(attempt: Attempt) -> Step:
    at_once = partial(_take_batch, process=_at_once)
    item_by_item = partial(_take_batch, process=_item_by_item)
    if not attempt.work.atomic:
        return commit(attempt, item_by_item)
    if attempt.work.is_bulk and attempt.run.on_error == "stop":
        return _commit_or(_fail_alone, attempt, item_by_item)
    return _commit_or(_find_the_item, attempt, at_once)


def _will_be_retried(attempt: Attempt, error: Exception) -> bool:
    return is_retried(error, attempt.run.attempts, attempt.work)


def _find_the_item(attempt: Attempt, error: Exception) -> Step:
    if attempt.work.is_bulk or _known(attempt):
        return _fail_alone(attempt, error)
    return _commit_or(_fail_alone, attempt, partial(_take_batch, process=_item_by_item))


def _commit_or(
    otherwise: Callable[[Attempt, Exception], Step], attempt: Attempt, take: Callable[..., Any]
) -> Step:
    """Commit what was taken; do something else where that fails without an item to blame."""
    try:
        return commit(attempt, take)
    except (AfterCommitError, ItemError, OwnershipLostError):
        raise
    except Exception as error:
        if _will_be_retried(attempt, error):
            raise
        return otherwise(attempt, error)


def _known(attempt: Attempt) -> Batch | None:
    """Return the batch that failed if there is no doubt which of its items is to blame."""
    return attempt.batch if attempt.batch and attempt.batch.count == 1 else None


def _fail_alone(attempt: Attempt, error: Exception) -> Step:
    """Cut the batch up until there is one item, which is to blame then."""
    batch = _known(attempt)
    if batch:
        return _blame_the_only(attempt, batch, error)
    if attempt.size == 1:
        raise error
    attempt.cut()
    return Step.MORE


def _blame_the_only(attempt: Attempt, batch: Batch, error: Exception) -> Step:
    """Take an item without processing it again: what it does elsewhere cannot be undone.

    Nor is it read again: it may have been deleted meanwhile, or others have come before it.
    """
    result = Result(attempt.run.cursor)
    _blame(attempt, batch, 0, error, result)
    if result.stopped_by is None:
        result.cursor = batch.last
    return commit(attempt, lambda _: result)


def _take_batch(attempt: Attempt, process: Callable[[Attempt, Batch], Result]) -> Result | None:
    run = attempt.run
    attempt.batch = attempt.source.batch(run.cursor, run.end or [], attempt.size)
    return None if attempt.batch is None else process(attempt, attempt.batch)


def _at_once(attempt: Attempt, batch: Batch) -> Result:
    _process(attempt, batch.items)
    return Result(batch.last, batch.count)


def _item_by_item(attempt: Attempt, batch: Batch) -> Result:
    """A queryset is one item here."""
    result = Result(attempt.run.cursor)
    parts = [batch.items] if attempt.work.is_bulk else [[item] for item in batch.items]
    for place, part in enumerate(parts):
        try:
            with _savepoint(attempt):
                _process(attempt, part)
        except Exception as error:
            if attempt.work.atomic and _will_be_retried(attempt, error):
                raise
            _blame(attempt, batch, place, error, result)
            if result.stopped_by is not None:
                return result
        else:
            result.done += batch.count if attempt.work.is_bulk else 1
        result.cursor = batch.last if attempt.work.is_bulk else batch.position(place)
    return result


def _blame(attempt: Attempt, batch: Batch, place: int, error: Exception, result: Result) -> None:
    if attempt.run.on_error == "stop":
        result.stopped_by = ItemError(name_item(batch, place), error)
    else:
        now = attempt.clock.now()
        result.failures.append(failure_of(attempt.run, batch, place, error, now))


def _try_failure_again(attempt: Attempt) -> Result:
    """Take one item that had failed before the run was resumed; a deleted one is no failure."""
    result = Result(attempt.run.cursor)
    failure = attempt.run.failures_to_retry().first()
    if failure is None:
        attempt.retries_failures = False
        return result
    try:
        with _savepoint(attempt):
            attempt.batch = attempt.source.one(failure.position)
            if attempt.batch is not None:
                _process(attempt, attempt.batch.items)
                result.done = 1
        result.repaired.append(failure)
    except Exception as error:
        if _will_be_retried(attempt, error):
            raise
        result.failures.append(_failed_again(attempt, failure, error))
    return result


def _fail_again(attempt: Attempt, error: Exception) -> Step:
    if attempt.batch is None:  # It was not even tried.
        raise error
    failure = attempt.run.failures_to_retry().earliest("pk")
    result = Result(attempt.run.cursor, failures=[_failed_again(attempt, failure, error)])
    return commit(attempt, lambda _: result)


def _failed_again(attempt: Attempt, failure: RunFailure, error: Exception) -> RunFailure:
    changes = describe_error(error) | {"failed_at": attempt.clock.now(), "to_retry": False}
    for name, value in changes.items():
        setattr(failure, name, value)
    return failure


def _process(attempt: Attempt, items: Any) -> None:
    """Have the work done, and refuse what Django would undo without a word."""
    attempt.work.process_batch(items)
    if attempt.work.atomic and transaction.get_rollback(attempt.run.database):
        raise SwallowedError(name=attempt.run.name)


def _savepoint(attempt: Attempt) -> AbstractContextManager[Any]:
    return transaction.atomic(attempt.run.database) if attempt.work.atomic else nullcontext()
