"""One change of many rows, as works of dynschema and in the ways that one writes by hand."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet

from benchmarks.app.models import Person
from dynschema.evolution import BulkWork, QuerySetWork, Work, register

YEAR = 2026
BATCH, LARGE_BATCH = 500, 5_000
LAST_OF_BATCH = (
    "SELECT id FROM benchmarks_person WHERE id > %s AND id <= %s ORDER BY id LIMIT 1 OFFSET %s"
)
UPDATE = "UPDATE benchmarks_person SET age = %s - born WHERE id > %s AND id <= %s"


def people(last: int) -> QuerySet[Person]:
    """Return those up to a primary key."""
    return Person.objects.filter(pk__lte=last)


@register()
class InBulk(BulkWork):
    """A batch is one queryset; goes over all people, as the raw update does."""

    def get_queryset(self) -> QuerySet[Person]:
        return Person.objects.all()

    def process_batch(self, batch: QuerySet[Any]) -> None:
        batch.update(age=YEAR - F("born"))


@register()
class InBulkOf500(InBulk):
    """All batches have the size from which those of others grow."""

    batch_size = BATCH


@register()
class InBulkOf5000(InBulk):
    """All batches are large."""

    batch_size = LARGE_BATCH


@register()
class RowByRow(QuerySetWork):
    """A batch is a list of rows, each saved."""

    def __init__(self, last: int) -> None:
        self.last = last

    def get_queryset(self) -> QuerySet[Person]:
        return people(self.last)

    def process(self, item: Person) -> None:
        item.age = YEAR - item.born
        item.save(update_fields=["age"])


@register()
class Nothing(Work):
    """So many batches in which nothing is done."""

    batch_size = 1

    def __init__(self, batches: int) -> None:
        self.batches = batches

    def items(self) -> range:
        return range(self.batches)


def raw_update(last: int, sizes: Iterable[int]) -> None:
    """Update by keyset in batches of these sizes; each commits, and none is remembered."""
    with connection.cursor() as cursor:
        after = 0
        for size in sizes:
            cursor.execute(LAST_OF_BATCH, [after, last, size - 1])
            found = cursor.fetchone()
            upto = found[0] if found else last
            cursor.execute(UPDATE, [YEAR, after, upto])
            after = upto
        assert after == last


def bulk_update(last: int) -> None:
    """Load the rows in batches, and write each batch in one statement."""
    for batch in _batches(people(last).order_by("pk").iterator(BATCH)):
        for person in batch:
            person.age = YEAR - person.born
        Person.objects.bulk_update(batch, ["age"])


def save_each(last: int) -> None:
    """Save row by row; each commits."""
    _save(people(last).order_by("pk").iterator(BATCH))


def save_in_batches(last: int) -> None:
    """Save row by row; each batch commits, and none is remembered."""
    for batch in _batches(people(last).order_by("pk").iterator(BATCH)):
        with transaction.atomic():
            _save(batch)


def _save(rows: Iterable[Person]) -> None:
    for person in rows:
        person.age = YEAR - person.born
        person.save(update_fields=["age"])


def _batches(rows: Iterator[Person]) -> Iterator[list[Person]]:
    return iter(lambda: list(islice(rows, BATCH)), [])
