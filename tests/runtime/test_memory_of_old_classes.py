"""No outdated class stays alive, whatever it points to."""

import gc
import weakref

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import models

from dynschema.exceptions import UnknownTargetError
from dynschema.runtime.registry import Registry, evolve
from tests.runtime.builds import lunch, publish, to_user

pytestmark = pytest.mark.slow

ROUNDS = 200


def alive(references):
    gc.collect()
    return [reference() for reference in references if reference() is not None]


@pytest.mark.parametrize(
    "fields",
    [
        {"age": models.IntegerField()},
        {"photo": models.ImageField(height_field="height"), "height": models.IntegerField()},
        {"respondent": to_user()},
        {"respondent": to_user(related_name="meals", limit_choices_to={"is_staff": True})},
        {"respondent": to_user(related_name="+")},
        {"parent": models.ForeignKey("self", models.CASCADE)},
        {"other": models.ForeignKey("sessions.Other", models.CASCADE)},
    ],
    ids=lambda fields: "_".join(fields),
)
def test_two_hundred_generations_leave_only_the_last(registry: Registry, fields):
    publish(registry, lunch("survey:2", "Other"), lunch(**fields))
    references = []

    for number in range(ROUNDS):
        references.append(weakref.ref(registry.snapshot.models["survey:1"]))
        publish(registry, lunch(**fields))
        if number % 50 == 0:
            apps.clear_cache()
        User._meta.get_fields()

    assert alive(references) == []


def test_a_class_does_not_live_on_in_its_siblings(registry: Registry):
    publish(registry, lunch(), lunch("survey:2", "Dinner", lunch=to_user()))
    reference = weakref.ref(registry.snapshot.models["survey:1"])

    publish(registry, lunch())

    assert alive([reference]) == []


def test_a_build_that_was_given_a_class_does_not_keep_it(registry: Registry):
    outdated = publish(registry, lunch()).models["survey:1"]
    publish(
        registry, lunch("survey:2", "Dinner", lunch=models.ForeignKey(outdated, models.CASCADE))
    )
    reference = weakref.ref(outdated)
    del outdated

    publish(registry, lunch())

    assert alive([reference]) == []


def test_snapshots_that_are_never_published_leave_nothing(registry: Registry):
    publish(registry, lunch(respondent=to_user()))
    references = []

    for _ in range(20):
        provisional = evolve(registry.snapshot, {"survey:1": lunch(respondent=to_user())})
        references.append(weakref.ref(provisional.models["survey:1"]))
    del provisional

    assert alive(references) == []


def test_a_relation_that_points_nowhere_leaves_nothing(registry: Registry):
    nowhere = models.ForeignKey("sessions.Nowhere", models.CASCADE)
    before = weakref.WeakSet(models.Model.__subclasses__())
    pending = dict(apps._pending_operations)

    for _ in range(20):
        with pytest.raises(UnknownTargetError):
            publish(registry, lunch(nowhere=nowhere))

    gc.collect()
    assert [each for each in models.Model.__subclasses__() if each not in before] == []
    assert apps._pending_operations == pending
