"""A build becomes a class, as often as one likes."""

import copy
import pickle

import pytest
from django.contrib.auth.models import User
from django.db import models

from dynschema.exceptions import InvalidDefinitionError, UnknownTargetError
from dynschema.runtime.registry import Registry, evolve
from dynschema.runtime.snapshot import Snapshot
from tests.runtime.builds import APP, build, lunch, publish, tables, to_user


class Stamped(models.Model):
    created_at = models.DateTimeField(auto_now_add=True)
    author = models.ForeignKey("auth.User", models.CASCADE, related_name="%(class)s_authored")

    class Meta:
        abstract = True
        app_label = APP
        ordering = ["-created_at"]


class Placed(models.Model):
    pk = models.CompositePrimaryKey("row", "seat")
    row = models.IntegerField()
    seat = models.IntegerField()

    class Meta:
        abstract = True
        app_label = APP


class Adults(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(age__gte=18)


def one(*builds, key="survey:1"):
    return evolve(Snapshot(), {each.key: each for each in builds}).models[key]


def test_a_class_is_what_its_build_says():
    wanted = build(
        "survey:1",
        "LunchResponse",
        {"age": models.IntegerField(null=True, db_column="age_7"), "name": models.TextField()},
        meta={"verbose_name": "answer", "indexes": [models.Index(fields=["age"])]},
        attributes={"__str__": lambda self: f"answer {self.age}"},
    )

    model = one(wanted)

    assert (model.__name__, model.__qualname__) == ("LunchResponse", "LunchResponse")
    assert model.__module__ == "tests.runtime.builds"
    assert model._dynschema_key == "survey:1"
    assert model._meta.label == "sessions.LunchResponse"
    assert model._meta.db_table == "sessions_lunchresponse"
    assert model._meta.verbose_name == "answer"
    assert [(f.name, f.column) for f in model._meta.fields] == [
        ("id", "id"),
        ("age", "age_7"),
        ("name", "name"),
    ]
    assert [index.fields for index in model._meta.indexes] == [["age"]]
    assert str(model(age=3)) == "answer 3"


def test_fields_come_in_the_order_of_the_build_and_not_of_their_making():
    late, early = models.TextField(), models.IntegerField()

    model = one(lunch(first=early, second=late))

    assert [f.name for f in model._meta.fields] == ["id", "first", "second"]


def test_a_build_is_generated_again_and_again_without_a_change():
    index, unique = (
        models.Index(fields=["age"]),
        models.UniqueConstraint(fields=["age"], name="%(class)s_age"),
    )
    adults = Adults()
    wanted = build(
        "survey:1",
        "LunchResponse",
        {"age": models.IntegerField(), "respondent": to_user()},
        meta={"indexes": [index], "constraints": [unique]},
        attributes={"adults": adults},
    )

    first, second = one(wanted), one(wanted)

    assert first is not second
    assert (index.name, unique.name) == ("", "%(class)s_age")
    assert first._meta.get_field("age") is not second._meta.get_field("age")
    assert not hasattr(wanted.fields["age"], "model")
    assert (first.adults.model, second.adults.model, adults.model) == (first, second, None)
    assert [c.name for c in second._meta.constraints] == ["lunchresponse_age"]


def test_an_abstract_base_gives_its_fields_and_its_meta():
    model = one(
        build("survey:1", "LunchResponse", {"age": models.IntegerField()}, bases=(Stamped,))
    )

    assert {f.name for f in model._meta.fields} == {"id", "created_at", "author", "age"}
    assert model._meta.ordering == ["-created_at"]
    assert model._meta.get_field("author").remote_field.model is User
    assert model._meta.get_field("author").remote_field.accessor_name == "lunchresponse_authored"


@pytest.mark.parametrize("target", [User, "auth.User", "auth.user"])
def test_a_relation_may_point_to_a_static_model(target):
    model = one(lunch(respondent=models.ForeignKey(target, models.CASCADE)))

    assert model._meta.get_field("respondent").related_model is User


def test_a_relation_may_point_to_its_own_model():
    model = one(lunch(parent=models.ForeignKey("self", models.CASCADE, related_name="children")))

    assert model._meta.get_field("parent").related_model is model
    assert model.children.rel.related_model is model
    assert [r.name for r in model._meta.related_objects] == ["children"]


def test_dynamic_models_may_point_to_each_other():
    snapshot = evolve(
        Snapshot(),
        {
            "survey:1": lunch(dinner=models.ForeignKey("DinnerResponse", models.CASCADE)),
            "survey:2": lunch(
                "survey:2",
                "DinnerResponse",
                lunch=models.OneToOneField("sessions.LunchResponse", models.CASCADE),
            ),
        },
    )

    first, second = snapshot.models["survey:1"], snapshot.models["survey:2"]
    assert first._meta.get_field("dinner").related_model is second
    assert second._meta.get_field("lunch").related_model is first
    assert second.lunchresponse_set.rel.related_model is first
    assert first.dinnerresponse.related.related_model is second


def test_a_relation_to_an_outdated_class_points_to_the_current_one(registry: Registry):
    outdated = publish(registry, lunch()).models["survey:1"]
    current = publish(registry, lunch(age=models.IntegerField())).models["survey:1"]

    snapshot = publish(
        registry, lunch("survey:2", "Dinner", lunch=models.ForeignKey(outdated, models.CASCADE))
    )

    assert outdated is not current
    assert snapshot.models["survey:2"]._meta.get_field("lunch").related_model is current


def test_a_relation_follows_a_renamed_model(registry: Registry):
    publish(
        registry,
        lunch(),
        lunch("survey:2", "Dinner", lunch=models.ForeignKey("LunchResponse", models.CASCADE)),
    )

    snapshot = publish(registry, lunch("survey:1", "Brunch"))

    target = snapshot.models["survey:2"]._meta.get_field("lunch").related_model
    assert target is snapshot.models["survey:1"]
    assert target.__name__ == "Brunch"


def test_two_models_may_swap_their_names(registry: Registry):
    publish(registry, lunch("survey:1", "Lunch"), lunch("survey:2", "Dinner"))

    snapshot = publish(registry, lunch("survey:1", "Dinner"), lunch("survey:2", "Lunch"))

    assert snapshot.model(APP, "lunch")._dynschema_key == "survey:2"
    assert snapshot.model(APP, "dinner")._dynschema_key == "survey:1"


def test_an_unknown_target_is_refused_by_name():
    with pytest.raises(UnknownTargetError) as caught:
        one(lunch(meal=models.ForeignKey("sessions.Meal", models.CASCADE)))

    assert str(caught.value) == (
        '[dynschema.E106] The field "meal" of "sessions.LunchResponse" points to "sessions.Meal", '
        "and there is no such model. Define that model first, or point the field to another one."
    )
    assert caught.value.key == "survey:1"


def test_a_model_that_others_point_to_cannot_be_removed_alone(registry: Registry):
    publish(
        registry,
        lunch(),
        lunch("survey:2", "Dinner", lunch=models.ForeignKey("LunchResponse", models.CASCADE)),
    )

    with pytest.raises(UnknownTargetError) as caught:
        publish(registry, removed=("survey:1",))

    assert (caught.value.key, caught.value.field) == ("survey:2", "lunch")
    assert registry.snapshot.models.keys() == {"survey:1", "survey:2"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"fields": {"friends": models.ManyToManyField("auth.User")}},
            'its field "friends" is many-to-many, which is not possible yet',
        ),
        ({"bases": (User,)}, "its base User is not abstract"),
        ({"bases": (Placed,)}, "its primary key is composite, which is not possible yet"),
        ({"meta": {"order_with_respect_to": "x"}}, "it has order_with_respect_to; use ordering"),
        ({"meta": {"abstract": True}}, "it is abstract, and has no table of its own"),
        ({"meta": {"proxy": True}}, "it is proxy, and has no table of its own"),
        (
            {"meta": {"colour": "red"}},
            "Django refuses it: 'class Meta' got invalid attribute(s): colour",
        ),
    ],
)
def test_what_cannot_be_a_class_is_refused_with_its_key(more, message):
    fields = more.pop("fields", {})

    with pytest.raises(InvalidDefinitionError) as caught:
        one(build("survey:1", "LunchResponse", fields, **more))

    assert str(caught.value) == (
        f'[dynschema.E103] The model "sessions.LunchResponse" cannot be made: {message}.'
    )
    assert caught.value.key == "survey:1"


def test_a_record_can_be_pickled_and_comes_back_with_the_current_class(registry: Registry):
    old = publish(registry, lunch(age=models.IntegerField())).models["survey:1"]
    stored = pickle.dumps(old(id=1, age=3))

    current = publish(registry, lunch(age=models.IntegerField())).models["survey:1"]
    restored = pickle.loads(stored)

    assert (type(restored), restored.age) == (current, 3)


@pytest.mark.django_db
def test_a_queryset_can_be_pickled_with_its_records_and_without(registry: Registry):
    snapshot = publish(registry, lunch(age=models.IntegerField()))
    model = snapshot.models["survey:1"]
    with tables(snapshot):
        model.objects.create(age=3)
        asked = pickle.dumps(model.objects.filter(age__gt=1).query)
        evaluated = pickle.dumps(model.objects.filter(age__gt=1))
        model.objects.create(age=4)

        again = model.objects.all()
        again.query = pickle.loads(asked)

        assert [each.age for each in again] == [3, 4]
        assert [each.age for each in pickle.loads(evaluated)] == [3]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_class_is_pickled_by_name_whatever_its_bases(registry: Registry, protocol: int):
    wanted = build("survey:1", "LunchResponse", {}, bases=(Stamped,))
    stored = pickle.dumps(publish(registry, wanted).models["survey:1"], protocol)

    current = publish(registry, wanted).models["survey:1"]

    assert pickle.loads(stored) is current
    publish(registry, removed=("survey:1",))
    with pytest.raises(LookupError, match="doesn't have a 'LunchResponse' model"):
        pickle.loads(stored)


@pytest.mark.parametrize("name", ["DoesNotExist", "MultipleObjectsReturned"])
@pytest.mark.parametrize("bases", [(models.Model,), (Stamped,)], ids=["plain", "with a base"])
def test_an_error_that_a_worker_raises_can_be_pickled(registry: Registry, name: str, bases):
    wanted = build("survey:1", "LunchResponse", {}, bases=bases)
    stored = pickle.dumps(getattr(publish(registry, wanted).models["survey:1"], name)("none", 3))

    current = publish(registry, wanted).models["survey:1"]
    restored = pickle.loads(stored)

    assert (type(restored), restored.args) == (getattr(current, name), ("none", 3))


def test_classes_and_records_can_be_copied(registry: Registry):
    model = publish(registry, lunch(age=models.IntegerField())).models["survey:1"]

    record = copy.deepcopy(model(id=1, age=3))

    assert copy.deepcopy(model) is model
    assert (type(record), record.age) == (model, 3)
