"""The contract of a way: the definition rows and the table change together, in one transaction."""

from abc import ABC, abstractmethod
from itertools import count

from django.db import connection, transaction

ADDED = "added"
ADDED_KIND = "integer"
RENAMED = "renamed"

_numbers = count(1)


class Way(ABC):
    """One survey and its table; use an instance for one survey after the other."""

    name: str

    def __init__(self) -> None:
        self.slug = ""
        self.table = ""

    def new(self) -> None:
        """Take another name, for a table that is not there yet."""
        self.name_it(f"s{next(_numbers)}")

    def name_it(self, slug: str) -> None:
        """Name the next survey."""
        self.slug = slug
        self.table = f"benchmarks_{self.slug}response"

    def prepare(self) -> None:
        """Make a survey with ten questions, for the changes that follow."""
        self.new()
        self.create()

    @abstractmethod
    def create(self) -> None:
        """Make the survey, its ten questions, and the table."""

    @abstractmethod
    def add(self) -> None:
        """Ask an eleventh question, ADDED."""

    @abstractmethod
    def rename(self) -> None:
        """Give that question the name RENAMED."""

    @abstractmethod
    def retire(self) -> None:
        """Ask it no more."""

    def clean(self) -> None:
        """Leave nothing of the survey, so that the database does not grow meanwhile."""
        with transaction.atomic(), connection.cursor() as cursor:
            self.forget()
            cursor.execute(f'DROP TABLE "{self.table}"')

    @abstractmethod
    def forget(self) -> None:
        """Delete the rows."""
