"""Promises 2 to 4 together: after any sequence of changes every value is where its key says."""

from dataclasses import dataclass, field

import pytest
from django.db import models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dynschema
from tests.forms.models import Form, Input
from tests.support import builders
from tests.support.builders import entries
from tests.support.evolves import nothing_left_to_do
from tests.support.rollback import taken_back

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

KINDS = [
    models.IntegerField(null=True),
    models.IntegerField(null=True, db_index=True),
    models.BigIntegerField(null=True),
    models.BigIntegerField(null=True, unique=True),
    models.IntegerField(default=7),
    models.PositiveIntegerField(null=True),
]
NAMES = ["alpha", "beta", "gamma", "delta"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "rename", "swap", "retire", "restore", "widen", "relabel"]),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=12,
)


@dataclass
class Life:
    """A form, and what its fields should hold by key."""

    form: Form
    retired: list[Input] = field(default_factory=list)
    values: dict[int, int] = field(default_factory=dict)

    def live(self) -> list[Input]:
        return list(self.form.inputs.order_by("pk"))

    def free_name(self, number: int) -> str | None:
        taken = {row.name for row in self.live()}
        free = [name for name in NAMES if name not in taken]
        return free[number % len(free)] if free else None

    def some(self, number: int) -> Input | None:
        rows = self.live()
        return rows[number % len(rows)] if rows else None

    def add(self, one: int, two: int) -> None:
        name = self.free_name(one)
        if name:
            row = builders.add(self.form, name, KINDS[two].clone())
            self.values[row.pk] = row.pk % 1000
            entries(self.form).objects.update(**{name: self.values[row.pk]})

    def rename(self, one: int, two: int) -> None:
        row, name = self.some(one), self.free_name(two)
        if row and name:
            row.name = name
            row.save()

    def swap(self, one: int, two: int) -> None:
        first, second = self.some(one), self.some(two)
        if first and first != second:
            builders.swap(self.form, first.name, second.name)

    def retire(self, one: int, two: int) -> None:
        row = self.some(one)
        if row:
            self.retired.append(builders.retire(self.form, row.name))

    def restore(self, one: int, two: int) -> None:
        """Ask for a retired field again, under a name that is free."""
        name = self.free_name(two)
        if self.retired and name:
            row = self.retired.pop(one % len(self.retired))
            row.name = name
            row.save(force_insert=True)

    def widen(self, one: int, two: int) -> None:
        row = self.some(one)
        if row:
            builders.change(self.form, row.name, models.BigIntegerField(null=True))

    def relabel(self, one: int, two: int) -> None:
        self.form.name = ["lunch", "dinner", "supper"][one % 3]
        self.form.save()

    def is_intact(self) -> bool:
        """Tell whether every field that is there has the value of its key."""
        record = entries(self.form).objects.get()
        found = {row.pk: getattr(record, row.name) for row in self.live()}
        assert found == {key: self.values[key] for key in found}
        return True


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_every_value_stays_with_its_key(steps):
    with taken_back():
        life = begun()
        for step, one, two in steps:
            getattr(life, step)(one, two)

            assert life.is_intact()
            assert nothing_left_to_do(life.form)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_every_value_stays_with_its_key_when_all_happens_at_once(steps):
    with taken_back():
        life = begun()
        with dynschema.atomic():
            for step, one, two in steps:
                getattr(life, step)(one, two)

        assert life.is_intact()
        assert nothing_left_to_do(life.form)


def begun() -> Life:
    """Give a form with two fields and a record."""
    form = builders.form("lunch", start=models.TextField(default=""))
    entries(form).objects.create()
    form.inputs.all().delete()
    life = Life(form)
    life.add(0, 0)
    life.add(1, 1)
    return life
