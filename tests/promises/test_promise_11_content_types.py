"""Promise 11: dynamic models have content types and permissions as hand-written ones have."""

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType

import dynschema
from surveymaker.models import Survey
from tests.evolution.dumps.museum.models import Label
from tests.forms.models import Design
from tests.support import builders
from tests.support.builders import entries, survey
from tests.support.rollback import taken_back

pytestmark = pytest.mark.django_db


def permissions(name: str) -> list[str]:
    found = Permission.objects.filter(content_type__model=name)
    return sorted(found.values_list("codename", flat=True))


def test_a_new_survey_has_its_content_type_and_permissions():
    lunch = survey("lunch")

    kind = ContentType.objects.get_for_model(lunch.Response)

    assert (kind.app_label, kind.model) == ("surveymaker", "lunchresponse")
    assert kind.model_class() is lunch.Response
    assert permissions("lunchresponse") == [
        "add_lunchresponse",
        "change_lunchresponse",
        "delete_lunchresponse",
        "view_lunchresponse",
    ]


def test_content_type_and_granted_permissions_follow_a_rename():
    lunch = survey("lunch")
    ada = User.objects.create(username="ada")
    ada.user_permissions.add(Permission.objects.get(codename="view_lunchresponse"))
    kind = ContentType.objects.get(model="lunchresponse").pk

    lunch.slug = "dinner"
    lunch.save()

    assert ContentType.objects.get(model="dinnerresponse").pk == kind
    assert User.objects.get().has_perm("surveymaker.view_dinnerresponse")
    assert permissions("lunchresponse") == []


def test_two_surveys_that_swap_names_keep_their_own_content_types():
    lunch, dinner = survey("lunch"), survey("dinner")
    kinds = ContentType.objects.filter(model__endswith="response").order_by("model")
    of_dinner, of_lunch = kinds.values_list("pk", flat=True)

    with dynschema.atomic():
        Survey.objects.filter(pk=lunch.pk).update(slug="other")
        dinner.slug = "lunch"
        dinner.save()
        lunch.slug = "dinner"
        lunch.save()

    assert list(kinds.values_list("pk", flat=True)) == [of_lunch, of_dinner]
    assert permissions("dinnerresponse") == sorted(
        f"{action}_dinnerresponse" for action in ("add", "change", "delete", "view")
    )


def test_a_survey_that_takes_the_name_of_one_deleted_in_the_same_block_inherits_nothing():
    lunch, dinner = survey("lunch"), survey("dinner")
    ada = User.objects.create(username="ada")
    ada.user_permissions.add(Permission.objects.get(codename="view_dinnerresponse"))

    with dynschema.atomic():
        dinner.delete()
        lunch.slug = "dinner"
        lunch.save()

    assert not User.objects.get().has_perm("surveymaker.view_dinnerresponse")
    assert permissions("dinnerresponse") == sorted(
        f"{action}_dinnerresponse" for action in ("add", "change", "delete", "view")
    )


def test_a_new_survey_does_not_inherit_the_permissions_of_a_retired_one():
    ada = User.objects.create(username="ada")
    first = survey("lunch")
    ada.user_permissions.add(Permission.objects.get(codename="view_lunchresponse"))
    first.delete()

    survey("lunch")

    assert not User.objects.get().has_perm("surveymaker.view_lunchresponse")


def test_a_generic_key_follows_a_rename_and_finds_no_class_after_a_deletion():
    lunch = survey("lunch", age="integer")
    label = Label.objects.create(text="best", thing=lunch.Response.objects.create(age=3))

    lunch.slug = "dinner"
    lunch.save()
    found = Label.objects.get().thing
    lunch.delete()
    label = Label.objects.get()

    assert (type(found).__name__, found.age) == ("DinnerResponse", 3)
    assert label.kind.model_class() is None
    with pytest.raises(AttributeError, match="_base_manager"):
        _ = label.thing  # As for any content type without a class.


def test_a_content_type_that_an_old_class_asked_for_stands_in_nobodys_way():
    lunch = survey("lunch")
    old = lunch.Response
    kind = ContentType.objects.get_for_model(old).pk
    lunch.slug = "dinner"
    lunch.save()
    stale = ContentType.objects.get_for_model(old)

    lunch.slug = "lunch"
    lunch.save()

    assert ContentType.objects.get(model="lunchresponse").pk == kind
    assert ContentType.objects.get(pk=stale.pk).model == f"lunchresponse ({stale.pk})"


def test_a_model_that_is_called_like_a_retired_table_inherits_nothing():
    form = builders.form("lunch")
    table = entries(form)._meta.db_table
    ada = User.objects.create(username="ada")
    ada.user_permissions.add(Permission.objects.get(codename="view_lunchentry"))
    form.delete()

    kind = ContentType.objects.get(app_label="forms", model=f"{table} (retired)")

    assert kind.permission_set.filter(codename=f"view_{table} (retired)").exists()
    assert not User.objects.get().has_perm(f"forms.view_{table}")


def test_a_permission_that_is_asked_for_later_is_made():
    form = builders.form("lunch")

    builders.redesign(form, Design(meta={"permissions": [("taste_lunch", "Can taste lunch")]}))

    assert Permission.objects.get(codename="taste_lunch").content_type.model == "lunchentry"


def test_a_content_type_that_was_rolled_back_is_not_remembered():
    with taken_back():
        lunch = survey("lunch")
        ContentType.objects.get_for_model(lunch.Response)
        ContentType.objects.clear_cache()

    again = survey("lunch")

    kind = ContentType.objects.get_for_model(again.Response)
    assert ContentType.objects.filter(pk=kind.pk).exists()
