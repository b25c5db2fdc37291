"""The names of the pages of records have addresses wherever a program asks for them."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connections, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, clear_url_caches, reverse

import dynschema
from dynschema.cleaning import forget_models
from dynschema.test import DynamicTablesMixin
from surveymaker.models import Survey
from tests.admin.pages import change_page
from tests.example.surveys import asking, write_survey
from tests.support.rollback import taken_back

LUNCH = "/admin/surveymaker/survey/_records/lunchresponse/"
DINNER = "/admin/surveymaker/survey/_records/dinnerresponse/"

commits = pytest.mark.django_db(transaction=True)


def lunch() -> Survey:
    return write_survey("lunch", asking("name", "text"))


def address(slug: str = "lunch") -> str:
    return reverse(f"admin:surveymaker_{slug}response_changelist")


def has_no_address(slug: str) -> bool:
    with pytest.raises(NoReverseMatch, match=f"surveymaker_{slug}response_changelist"):
        address(slug)
    return True


def start_again() -> None:
    """Be a process that has asked for no class and no address so far."""
    forget_models()
    clear_url_caches()


class TestsThatShareADefinition(DynamicTablesMixin, TestCase):
    """As the page about tests shows it: the second test finds what the first one was made for."""

    @classmethod
    def setUpTestData(cls):
        cls.lunch = lunch()
        cls.root = User.objects.create_superuser("root")

    def look(self) -> None:
        self.client.force_login(self.root)
        shown = self.client.get(change_page(self.lunch))
        self.assertContains(shown, f'href="{LUNCH}"')

    def test_1_the_page_links_to_the_records(self):
        self.look()

    def test_2_the_page_links_to_the_records_again(self):
        self.look()

    def test_3_the_page_links_to_the_records_before_any_other_page(self):
        start_again()

        self.look()

    def test_4_a_class_that_was_first_asked_for_in_a_transaction_has_an_address(self):
        start_again()

        with transaction.atomic():
            self.lunch.Response.objects.create(name="Ada")

        assert address() == LUNCH


@commits
def test_a_process_that_has_asked_for_no_class_has_the_addresses():
    lunch()
    start_again()

    assert address() == LUNCH


@commits
def test_an_address_costs_no_query_in_a_process_that_has_its_classes():
    lunch()
    address()
    clear_url_caches()

    with CaptureQueriesContext(connections["default"]) as queries:
        assert [address(), address()] == [LUNCH, LUNCH]

    assert list(queries) == []


@commits
def test_names_are_asked_for_each_time_they_are_collected_as_long_as_there_is_no_dynamic_model():
    start_again()

    with CaptureQueriesContext(connections["default"]) as queries:
        assert {reverse("admin:index") for _ in range(10)} == {"/admin/"}

    # Django collects the names of the whole site, and then those of the admin alone.
    assert [re.search("FROM (\\w+)", each["sql"]).group(1) for each in queries] == [
        "dynschema_epoch",
        "dynschema_epoch",
    ]


@commits
def test_addresses_are_found_in_an_event_loop_as_far_as_they_are_known():
    lunch()

    async def addresses() -> list[str]:
        return [reverse("admin:index"), address()]

    assert asyncio.run(addresses()) == ["/admin/", LUNCH]
    start_again()
    with pytest.raises(NoReverseMatch):
        asyncio.run(addresses())


@commits
def test_a_transaction_before_migrate_goes_on_after_an_address_was_asked_for():
    start_again()

    with taken_back():
        with connections["default"].cursor() as cursor:
            cursor.execute("ALTER TABLE dynschema_epoch RENAME TO not_there_yet")
        assert reverse("admin:index") == "/admin/"
        assert not User.objects.filter(username="nobody").exists()


@commits
def test_a_new_process_in_a_transaction_has_the_addresses():
    survey = lunch()
    start_again()

    with transaction.atomic():
        User.objects.create(username="ada")
        assert address() == LUNCH

    start_again()
    reverse("admin:index")
    with transaction.atomic():
        User.objects.create(username="bob")
        survey.Response.objects.create(name="Bob")
        assert address() == LUNCH


@commits
@pytest.mark.parametrize("block", [transaction.atomic, dynschema.atomic])
def test_a_transaction_has_the_addresses_of_what_it_has_made(block):
    lunch()
    address()

    with block():
        dinner = write_survey("dinner")
        assert dinner.Response.objects.count() == 0
        with ThreadPoolExecutor(1) as others:
            assert others.submit(address).result() == LUNCH
        assert (address(), address("dinner")) == (LUNCH, DINNER)

    assert (address(), address("dinner")) == (LUNCH, DINNER)


@commits
def test_what_was_rolled_back_has_no_address_when_the_names_are_collected_again():
    lunch()
    with taken_back():
        dinner = write_survey("dinner")
        assert dinner.Response.objects.count() == 0
        assert address("dinner") == DINNER

    clear_url_caches()

    assert has_no_address("dinner")
    assert address() == LUNCH
