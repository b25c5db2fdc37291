"""What a project needs for its own tests, so that they leave no dynamic model and table behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from django.test import SimpleTestCase

from dynschema import cleaning, freshness


@contextmanager
def dynamic_tables_cleaned(databases: frozenset[str] | set[str]) -> Iterator[None]:
    """Take away, in the end, the dynamic models of this process and tables that no rollback takes.

    Args:
        databases: the aliases of the databases that the test uses.
    """
    try:
        yield
    finally:
        for using in databases:
            if freshness.is_settled(connections[using]) and not connections[using].in_atomic_block:
                cleaning.drop_all_tables(using)
        cleaning.forget_models()


class DynamicTablesMixin(SimpleTestCase):
    """For a `TestCase` or a `TransactionTestCase` in which definitions are saved.

    Put it first: `class SurveyTests(DynamicTablesMixin, TestCase)`.
    """

    def setUp(self) -> None:
        """Have everything taken away after the test."""
        super().setUp()
        self.enterContext(dynamic_tables_cleaned(set(type(self).databases)))
