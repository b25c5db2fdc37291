"""Promise 7: where no record has a value yet, any type may become any other."""

from itertools import permutations

import pytest
from django.contrib.auth.models import User
from django.db import models

from dynschema.exceptions import DynschemaError
from tests.support import builders
from tests.support.builders import change, entries
from tests.support.evolves import nothing_left_to_do
from tests.support.rollback import taken_back

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

OPTIONAL = {
    "address": models.GenericIPAddressField(null=True),
    "unique number": models.BigIntegerField(null=True, unique=True),
    "user": models.ForeignKey(User, models.SET_NULL, null=True, related_name="+"),
    "truth": models.BooleanField(null=True),
    "unique text": models.TextField(null=True, unique=True),
    "json": models.JSONField(null=True),
    "duration": models.DurationField(null=True),
}
REQUIRED = {
    "required truth": models.BooleanField(default=False),
    "required text": models.CharField(max_length=100, default=""),
}
PAIRS = list(permutations(OPTIONAL | REQUIRED, 2))


def changes(old: str, new: str, *, filled: bool) -> bool:
    """Tell whether a field could change; then the table is as its definition asks for."""
    fields = OPTIONAL | REQUIRED
    with taken_back():
        form = builders.form("lunch", it=fields[old])
        if filled:
            entries(form).objects.create()
        try:
            change(form, "it", fields[new])
        except DynschemaError:
            return False
        return bool(nothing_left_to_do(form)) and entries(form).objects.count() == int(filled)


def test_without_records_every_change_is_made():
    assert [pair for pair in PAIRS if not changes(*pair, filled=False)] == []


def test_with_records_that_have_no_value_every_change_among_optional_fields_is_made():
    pairs = [pair for pair in PAIRS if OPTIONAL.keys() >= {*pair}]

    assert [pair for pair in pairs if not changes(*pair, filled=True)] == []


def test_with_values_or_to_a_required_field_a_change_is_made_or_refused_in_words():
    pairs = [pair for pair in PAIRS if REQUIRED.keys() & {*pair}]

    made = [pair for pair in pairs if changes(*pair, filled=True)]

    assert ("required text", "unique text") in made
    assert ("required text", "unique number") not in made
