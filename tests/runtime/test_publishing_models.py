"""Static models see exactly the published dynamic ones, and nothing before that."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.contrib.admin.utils import NestedObjects
from django.contrib.auth.models import Group, User
from django.db import models

from dynschema.exceptions import NameTakenError
from dynschema.runtime.registry import Registry, evolve
from dynschema.runtime.snapshot import Snapshot
from tests.runtime.builds import APP, lunch, publish, tables, to_user


def what_django_knows():
    """Give all that a dynamic model could change on static ones."""
    User._meta.get_fields()
    return {
        model: (
            dict(vars(model)),
            dir(model),
            list(model._meta.related_objects),
            dict(model._meta.fields_map),
            model._meta._relation_tree,
            model._meta._get_fields_cache,
            list(model._meta.related_fkey_lookups),
        )
        for model in (User, Group)
    }


def relations_of_users():
    return {str(each) for each in User._meta._relation_tree}


def test_an_unpublished_snapshot_leaves_static_models_as_they_were(registry: Registry):
    publish(registry, lunch(respondent=to_user()))
    before = what_django_knows()

    provisional = evolve(
        registry.snapshot,
        {
            "survey:1": lunch(respondent=to_user(related_name="meals"), age=models.IntegerField()),
            "survey:2": lunch("survey:2", "Dinner", guest=to_user(limit_choices_to={"pk": 1})),
        },
    )

    assert what_django_knows() == before
    assert provisional.models.keys() == {"survey:1", "survey:2"}
    assert registry.snapshot.models.keys() == {"survey:1"}


@pytest.mark.django_db
def test_a_provisional_model_can_be_queried_through_its_foreign_keys():
    snapshot = evolve(Snapshot(), {"survey:1": lunch(respondent=to_user())})
    model = snapshot.models["survey:1"]

    with tables(snapshot):
        user = User.objects.create(username="ann")
        model.objects.create(respondent=user)

        found = model.objects.filter(respondent__username="ann").select_related("respondent")
        assert [each.respondent for each in found] == [user]


def test_a_published_model_is_seen_by_the_static_model_it_points_to(registry: Registry):
    model = publish(registry, lunch(respondent=to_user())).models["survey:1"]

    assert User.lunchresponse_set.rel.related_model is model
    assert model in [r.related_model for r in User._meta.related_objects]
    assert User._meta.get_field("lunchresponse").related_model is model


def test_a_changed_model_takes_the_place_of_its_old_class(registry: Registry):
    publish(registry, lunch(respondent=to_user()))
    User._meta.get_field("lunchresponse")

    current = publish(registry, lunch(respondent=to_user(), age=models.IntegerField()))

    model = current.models["survey:1"]
    assert User.lunchresponse_set.rel.related_model is model
    assert User._meta.get_field("lunchresponse").related_model is model
    assert [r.related_model for r in User._meta.related_objects].count(model) == 1


def test_what_vanishes_leaves_static_models_as_they_were(registry: Registry):
    before = what_django_knows()[User]
    publish(
        registry,
        lunch(
            respondent=to_user(limit_choices_to={"is_staff": True}), cook=to_user(related_name="+")
        ),
        lunch("survey:2", "Dinner", guest=models.OneToOneField("auth.User", models.CASCADE)),
    )

    publish(registry, lunch(), removed=("survey:2",))

    after = what_django_knows()[User]
    assert (after[0], after[1], after[2], after[3]) == (before[0], before[1], before[2], before[3])
    assert list(after[4]) == list(before[4])
    assert after[6] == before[6]


def test_a_user_cannot_be_created_with_the_reverse_side_of_a_one_to_one_field(registry: Registry):
    def create_user():
        User.objects.create(lunchresponse=None)

    with pytest.raises(TypeError, match="unexpected keyword arguments: 'lunchresponse'"):
        create_user()
    publish(registry, lunch(guest=models.OneToOneField("auth.User", models.CASCADE)))

    with pytest.raises(ValueError, match="do not exist in this model: lunchresponse"):
        create_user()


def test_a_changed_related_name_moves_the_accessor(registry: Registry):
    publish(registry, lunch(respondent=to_user()))

    model = publish(registry, lunch(respondent=to_user(related_name="meals"))).models["survey:1"]

    assert not hasattr(User, "lunchresponse_set")
    assert User.meals.rel.related_model is model


@pytest.mark.django_db
def test_reverse_lookups_and_prefetching_work(registry: Registry):
    snapshot = publish(registry, lunch(respondent=to_user(), age=models.IntegerField()))

    with tables(snapshot):
        ann = User.objects.create(username="ann")
        User.objects.create(username="bob")
        record = ann.lunchresponse_set.create(age=3)

        assert list(User.objects.filter(lunchresponse__age=3)) == [ann]
        prefetched = User.objects.prefetch_related("lunchresponse_set").order_by("username")
        assert [list(each.lunchresponse_set.all()) for each in prefetched] == [[record], []]


@pytest.mark.django_db
def test_deleting_a_user_reaches_every_published_table(registry: Registry):
    snapshot = publish(
        registry,
        lunch(respondent=to_user()),
        lunch("survey:2", "Dinner", guest=to_user(related_name="+")),
        lunch("survey:3", "Comment", on=models.ForeignKey("LunchResponse", models.CASCADE)),
    )
    first, second, third = (snapshot.models[f"survey:{number}"] for number in (1, 2, 3))

    with tables(snapshot):
        ann = User.objects.create(username="ann")
        third.objects.create(on=first.objects.create(respondent=ann))
        second.objects.create(guest=ann)
        shown = NestedObjects(using="default")
        shown.collect([ann])
        deleted = ann.delete()

        assert set(shown.model_objs) == {User, first, second, third}
        assert deleted == (
            4,
            {
                "auth.User": 1,
                "sessions.LunchResponse": 1,
                "sessions.Dinner": 1,
                "sessions.Comment": 1,
            },
        )


def test_only_a_changed_model_and_those_that_point_to_it_are_generated(registry: Registry):
    old = publish(
        registry,
        lunch(respondent=to_user()),
        lunch("survey:2", "Dinner", lunch=models.ForeignKey("LunchResponse", models.CASCADE)),
        lunch("survey:3", "Comment", dinner=models.ForeignKey("Dinner", models.CASCADE)),
        lunch("survey:4", "Supper", comment=models.ForeignKey("Comment", models.CASCADE)),
    )

    new = publish(registry, old.builds["survey:3"])

    assert [key for key in new.models if new.models[key] is not old.models[key]] == [
        "survey:3",
        "survey:4",
    ]
    dinner = new.models["survey:2"]
    assert dinner.comment_set.rel.related_model is new.models["survey:3"]
    assert [r.related_model for r in dinner._meta.related_objects] == [new.models["survey:3"]]


def test_a_snapshot_may_be_derived_in_several_steps_before_it_is_published(registry: Registry):
    first = evolve(registry.snapshot, {"survey:1": lunch(respondent=to_user())}, epoch=1)
    second = evolve(first, {"survey:2": lunch("survey:2", "Dinner", guest=to_user())}, epoch=2)

    published = registry.publish(second)

    assert published.epoch == 2
    assert User.lunchresponse_set.rel.related_model is second.models["survey:1"]
    assert User.dinner_set.rel.related_model is second.models["survey:2"]


def test_models_made_in_several_steps_know_each_other(registry: Registry):
    to_lunch = models.ForeignKey("LunchResponse", models.CASCADE, related_name="dinners")
    first = evolve(registry.snapshot, {"survey:1": lunch()})
    second = evolve(first, {"survey:2": lunch("survey:2", "Dinner", lunch=to_lunch)})
    third = evolve(second, {"survey:3": lunch("survey:3", "Comment", respondent=to_user())})
    fourth = evolve(third, {"survey:2": lunch("survey:2", "Dinner")})

    assert second.models["survey:1"].dinners.rel.related_model is second.models["survey:2"]
    assert third.models["survey:1"] is second.models["survey:1"]
    assert not hasattr(fourth.models["survey:1"], "dinners")
    assert [r.name for r in fourth.models["survey:1"]._meta.related_objects] == []
    registry.publish(third)
    current = registry.snapshot.models
    assert current["survey:1"].dinners.rel.related_model is current["survey:2"]
    assert current["survey:1"]._meta.get_field("dinners").related_model is current["survey:2"]
    assert User.comment_set.rel.related_model is current["survey:3"]


def test_a_snapshot_that_comes_from_an_older_one_is_published_whole(registry: Registry):
    slow = evolve(registry.snapshot, {"survey:1": lunch(respondent=to_user())})
    publish(registry, lunch("survey:2", "Dinner", guest=to_user()))

    registry.publish(slow)

    assert not hasattr(User, "dinner_set")
    assert User.lunchresponse_set.rel.related_model is slow.models["survey:1"]
    assert "sessions.Dinner.guest" not in relations_of_users()


def test_the_patched_relations_are_those_that_django_would_find(registry: Registry):
    User._meta.get_fields()
    publish(registry, lunch(respondent=to_user(), cook=to_user(related_name="+")))
    publish(
        registry,
        lunch("survey:2", "Dinner", lunch=models.ForeignKey("LunchResponse", models.CASCADE)),
    )
    publish(registry, lunch(respondent=to_user(), waiter=to_user(related_name="served")))
    patched = {
        model: (set(map(str, model._meta._relation_tree)), set(model._meta.fields_map))
        for model in apps.get_models(include_auto_created=True)
    }

    apps.clear_cache()

    found = {
        model: (set(map(str, model._meta._relation_tree)), set(model._meta.fields_map))
        for model in apps.get_models(include_auto_created=True)
    }
    assert found == patched
    assert {"sessions.LunchResponse.respondent", "sessions.LunchResponse.waiter"} <= found[User][0]


def test_publishing_goes_on_after_django_has_found_the_relations_anew(registry: Registry):
    publish(registry, lunch(respondent=to_user()))
    apps.clear_cache()
    User._meta.get_fields()

    model = publish(registry, lunch(respondent=to_user(), age=models.IntegerField())).models[
        "survey:1"
    ]

    assert User._meta.get_field("lunchresponse").related_model is model
    assert sorted(relations_of_users()).count("sessions.LunchResponse.respondent") == 1


def test_two_relations_to_one_model_cannot_share_a_reverse_name():
    with pytest.raises(NameTakenError) as caught:
        evolve(
            Snapshot(),
            {"survey:1": lunch(cook=to_user(), guest=to_user(related_name="lunchresponse"))},
        )

    assert str(caught.value) == (
        '[dynschema.E102] The name "auth.User.lunchresponse" is taken by '
        '"sessions.LunchResponse.cook", so "sessions.LunchResponse.guest" needs another '
        "related_name. Choose another name."
    )
    assert (caught.value.key, caught.value.field) == ("survey:1", "guest")


@pytest.mark.parametrize(
    ("related_name", "owner"),
    [
        ("email", "auth.User"),
        ("save", "auth.User"),
        ("groups", "auth.User.groups"),
        ("logentry_set", "admin.LogEntry.user"),
        ("logentry", "admin.LogEntry.user"),
    ],
)
def test_a_reverse_name_must_be_free_on_a_static_target(related_name, owner):
    with pytest.raises(NameTakenError) as caught:
        evolve(Snapshot(), {"survey:1": lunch(guest=to_user(related_name=related_name))})

    assert str(caught.value) == (
        f'[dynschema.E102] The name "auth.User.{related_name}" is taken by "{owner}", so '
        '"sessions.LunchResponse.guest" needs another related_name. Choose another name.'
    )


def test_a_reverse_name_must_be_free_on_a_dynamic_target(registry: Registry):
    publish(registry, lunch(age=models.IntegerField()))

    target = models.ForeignKey("LunchResponse", models.CASCADE, related_name="age")
    with pytest.raises(NameTakenError) as caught:
        publish(registry, lunch("survey:2", "Dinner", lunch=target))

    assert str(caught.value) == (
        '[dynschema.E102] The name "sessions.LunchResponse.age" is taken by '
        '"sessions.LunchResponse", so "sessions.Dinner.lunch" needs another related_name. '
        "Choose another name."
    )


def test_two_dynamic_models_cannot_have_one_name(registry: Registry):
    publish(registry, lunch())

    with pytest.raises(NameTakenError) as caught:
        publish(registry, lunch("survey:2", "Lunchresponse"))

    assert str(caught.value) == (
        '[dynschema.E102] The name "sessions.Lunchresponse" is taken by '
        'the dynamic model "survey:1". Choose another name.'
    )


def change_often(registry: Registry, number: int) -> None:
    for count in range(25):
        fields = {f"f{count}": models.IntegerField(null=True), "respondent": to_user()}
        publish(registry, lunch(f"survey:{number}", f"Answer{number}", **fields))


def read_often(registry: Registry, _: int) -> None:
    for _ in range(150):
        list(User._meta.get_fields(include_hidden=True))
        for model in registry.snapshot.models_of(APP):
            str(model.objects.filter(respondent__username="ann").query)


def test_threads_may_generate_and_read_at_the_same_time(registry: Registry):
    jobs = [(job, number) for number in range(4) for job in (change_often, read_often)]

    with ThreadPoolExecutor(len(jobs)) as pool:
        running = [pool.submit(job, registry, number) for job, number in jobs]
    for each in running:
        each.result()

    names = {f"answer{number}": f"survey:{number}" for number in range(4)}
    shown = {name: User._meta.get_field(name).related_model for name in names}
    assert shown == {name: registry.snapshot.models[key] for name, key in names.items()}
    assert {each for each in dir(User) if each.startswith("answer")} == {
        f"{name}_set" for name in names
    }
