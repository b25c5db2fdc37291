"""Looks at the tables after a change, and proves each of them to be as wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dynschema.comparing import Work, normal_of
from dynschema.exceptions import VerificationError
from dynschema.execution import Checked
from dynschema.gathering import read_actual
from dynschema.loading import quarantine
from dynschema.recording import Outcome
from dynschema.schema.applied import Applied
from dynschema.schema.compare import claimed
from dynschema.schema.diff import Difference, diff
from dynschema.schema.operations import RetireField
from dynschema.schema.plan import Plan
from dynschema.schema.spec import TableSpec
from dynschema.subjects import Subject, remembered


def outcomes(work: Work, checked: Checked, plans: Mapping[str, Plan]) -> Iterator[Outcome]:
    """Yield what there is to remember, each table proven to be as wanted."""
    changed = [each for each in work.subjects if plans[each.key] or _must_be_seen(each)]
    if work.trusting or any(each.sql for each in plans.values()):
        # Also those that only refer to a changed one.
        read_actual(work.connection, {each.table: each for each in changed if each.build})
    for each in changed:
        after = _retired(each) if each.build is None else _proven(work, checked, each)
        yield Outcome(plans[each.key], each.applied, after, each.described)


def _must_be_seen(subject: Subject) -> bool:
    """True when processes have another class, or none because it could not be built before."""
    return subject.differs or (subject.build is not None and subject.key in quarantine)


def _proven(work: Work, checked: Checked, subject: Subject) -> Applied:
    """Return the table for the history, after a last comparison that finds nothing to do.

    Raises:
        VerificationError: the table is not what was asked for.
    """
    assert subject.wanted is not None
    actual = subject.actual
    if actual is None:
        raise VerificationError(table=subject.table, key=subject.key, differences="It is gone.")
    normal = normal_of(work.connection, subject.wanted, subject.applied)
    wanted = subject.wanted if normal else _asked_before(subject.wanted, subject.applied)
    after = remembered(subject, wanted, claimed(subject.wanted, normal, actual, subject.applied))
    left = diff(subject.wanted, normal, actual, after)
    wrong = [each.describe() for each in left.operations if each not in checked.left_out]
    if work.trusting:
        wrong += _unforeseen(work.differences[subject.key], left)
        wrong += _still_in_the_way(work.differences[subject.key], actual)
    if wrong:
        raise VerificationError(table=actual.name, key=subject.key, differences=" ".join(wrong))
    digest = actual.catalog_print if left == Difference() else ""
    return replace(after, seen=actual, catalog_print=digest)


def _asked_before(wanted: TableSpec, applied: Applied | None) -> TableSpec:
    """Return what was asked for last where the server could not tell whether the table follows.

    What is new in it is asked for again, in each plan, until the server can tell.
    """
    before = {each.key: each for each in applied.wanted.fields} if applied else {}
    fields = (replace(before.get(each.key, each), name=each.name) for each in wanted.fields)
    return replace(wanted, fields=tuple(fields))


def _unforeseen(before: Difference, after: Difference) -> list[str]:
    """Return what is there by somebody else's hand and was not known, or is not there any more."""
    return sorted({*before.extra, *before.unsure} ^ {*after.extra, *after.unsure})


def _still_in_the_way(before: Difference, actual: TableSpec) -> list[str]:
    """Return the retired columns that somebody has required or given a default meanwhile."""
    gone = [each.field.name for each in before.operations if isinstance(each, RetireField)]
    columns = filter(None, map(actual.field, gone))
    return [each.name for each in columns if not each.null or each.default is not None]


def _retired(subject: Subject) -> Applied:
    assert subject.applied is not None
    return replace(subject.applied, live=False, seen=None, catalog_print="")
