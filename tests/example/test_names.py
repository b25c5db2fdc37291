"""Slugs become names in Python; dynschema refuses those that are not good for one."""

import pytest

from surveymaker import names


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("lunch", "LunchResponse"),
        ("team-lunch", "TeamLunchResponse"),
        ("team_lunch", "TeamLunchResponse"),
        ("teamLunch", "TeamLunchResponse"),
        ("--lunch-", "LunchResponse"),
        ("2024-poll", "Survey2024PollResponse"),
        ('a"b; drop', 'A"b; dropResponse'),
        ("-", ""),
        ("", ""),
    ],
)
def test_a_slug_becomes_the_name_of_a_model(slug, name):
    assert names.model_name(slug) == name


@pytest.mark.parametrize(
    ("slug", "name"), [("age", "age"), ("how-many", "how_many"), ("class", "class"), ("", "")]
)
def test_a_slug_becomes_the_name_of_a_field(slug, name):
    assert names.field_name(slug) == name
