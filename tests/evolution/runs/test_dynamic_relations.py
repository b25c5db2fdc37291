"""A run knows the dynamic tables that there are when it goes on, however old its worker is."""

import pytest
from django.contrib.auth.models import User

from dynschema.cleaning import forget_models
from dynschema.evolution import launch, register
from tests.support.builders import survey


@register()
def delete_users() -> None:
    User.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_what_a_run_deletes_is_no_longer_referred_to_by_the_answers_of_a_newer_survey():
    lunch = survey("lunch", who="user")
    lunch.Response.objects.create(who=User.objects.create(username="ada"))
    forget_models()

    run = launch(delete_users)

    assert run.status == "succeeded"
    assert lunch.Response.objects.get().who is None
