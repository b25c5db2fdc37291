"""Addresses, models and pages are given where no query may be made, in a site with records, too."""

import pytest
from django.apps import apps
from django.test import Client, SimpleTestCase
from django.urls import NoReverseMatch, clear_url_caches, reverse

from dynschema.cleaning import forget_models


class TestsOfDjango(SimpleTestCase):
    def test_the_addresses_of_other_pages_are_found(self):
        find_other_addresses()

    def test_a_page_that_needs_no_database_is_shown(self):
        show_another_page()


def test_the_addresses_of_other_pages_are_found_in_tests_of_pytest():
    find_other_addresses()


def test_a_page_that_needs_no_database_is_shown_in_tests_of_pytest():
    show_another_page()


def show_another_page() -> None:
    forget_models()
    static = [each.__name__ for each in apps.get_app_config("surveymaker").get_models()]

    assert static == ["Survey", "Question"]

    assert Client().get("/admin/login/").status_code == 200


def find_other_addresses() -> None:
    forget_models()
    clear_url_caches()

    assert reverse("admin:index") == "/admin/"
    with pytest.raises(NoReverseMatch):
        reverse("admin:surveymaker_lunchresponse_changelist")
