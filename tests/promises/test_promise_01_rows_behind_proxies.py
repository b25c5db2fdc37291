"""Promise 1: a definition that was read through a proxy of its model is the same definition."""

import pytest
from django.db import models

from dynschema.models import State, Table
from tests.forms.models import Entries, FormSeenOtherwise, Input, InputSeenOtherwise
from tests.support import builders

pytestmark = pytest.mark.django_db(transaction=True)


def names(form: models.Model) -> list[str]:
    return [field.name for field in Entries.model_for(form)._meta.fields][1:]


def test_a_proxy_has_the_class_of_its_row():
    form = builders.form("lunch", age=models.IntegerField(null=True))

    behind = FormSeenOtherwise.objects.get(pk=form.pk)

    assert Entries.model_for(behind) is Entries.model_for(form)


def test_a_form_that_is_saved_through_a_proxy_gets_its_table():
    form = FormSeenOtherwise.objects.create(name="lunch")

    form.inputs.create(name="age", field=builders.registered_field(models.IntegerField(null=True)))

    assert names(form) == ["age"]
    assert Table.objects.get().key == f"form:{form.pk}"


def test_an_input_that_moves_through_a_proxy_leaves_where_it_was():
    lunch = builders.form("lunch", age=models.IntegerField(null=True))
    dinner = builders.form("dinner")
    row = InputSeenOtherwise.objects.get()
    row.form = dinner

    row.save()

    assert (names(lunch), names(dinner)) == ([], ["age"])


@pytest.mark.parametrize(
    "delete",
    [
        lambda: InputSeenOtherwise.objects.get(name="age").delete(),
        lambda: InputSeenOtherwise.objects.filter(name="age").delete(),
    ],
    ids=["row", "queryset"],
)
def test_an_input_that_is_deleted_through_a_proxy_is_retired(delete):
    form = builders.form("lunch", age=models.IntegerField(), guests=models.IntegerField(null=True))

    delete()

    assert names(form) == ["guests"]
    assert Entries.model_for(form).objects.create(guests=2).pk


def test_a_form_that_is_deleted_through_a_proxy_is_retired_with_its_inputs():
    builders.form("lunch", age=models.IntegerField(null=True))

    FormSeenOtherwise.objects.all().delete()

    assert not Input.objects.exists()
    assert Table.objects.get().state == State.RETIRED
