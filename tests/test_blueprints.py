"""A blueprint that could not work is refused where it is defined."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.test.utils import isolate_apps

from dynschema import Blueprint
from dynschema.loading import blueprints


@isolate_apps("tests.forms")
def test_definitions_have_a_key_of_a_single_field():
    key = models.CompositePrimaryKey("row", "seat")
    numbers = {"row": models.IntegerField(), "seat": models.IntegerField()}
    meta = type("Meta", (), {"app_label": "forms"})
    place = type(
        "Place", (models.Model,), {"pk": key, **numbers, "Meta": meta, "__module__": __name__}
    )
    before = dict(blueprints)

    with pytest.raises(ImproperlyConfigured) as refused:
        type("Places", (Blueprint,), {"definition": place})

    assert str(refused.value) == (
        "forms.Place has a composite primary key, and definitions need one of a single field."
    )
    assert blueprints == before
