"""Addresses are found where no query may be made, also those of a site with pages of records."""

import pytest
from django.test import SimpleTestCase
from django.urls import NoReverseMatch, clear_url_caches, reverse

from dynschema.cleaning import forget_models


class TestsOfDjango(SimpleTestCase):
    def test_the_addresses_of_other_pages_are_found(self):
        find_other_addresses()


def test_the_addresses_of_other_pages_are_found_in_tests_of_pytest():
    find_other_addresses()


def find_other_addresses() -> None:
    forget_models()
    clear_url_caches()

    assert reverse("admin:index") == "/admin/"
    with pytest.raises(NoReverseMatch):
        reverse("admin:surveymaker_lunchresponse_changelist")
