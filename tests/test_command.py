"""`manage.py dynschema`: what it prints, what it changes, and how it ends."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import models, transaction

from dynschema.models import Change
from dynschema.test import dynamic_tables_cleaned
from surveymaker.models import Question, Responses, Survey
from tests.forms.models import Form
from tests.support import builders
from tests.support.builders import entries, survey
from tests.support.missing_tables import without_column
from tests.support.state import columns, query, state

pytestmark = pytest.mark.django_db

TABLE = "surveymaker_lunchresponse"


@pytest.fixture
def lunch() -> Survey:
    return survey("lunch", age="integer")


@pytest.fixture
def renamed(lunch) -> Survey:
    """Give a survey whose question has another name since nobody was told of it."""
    Question.objects.filter(slug="age").update(slug="years")
    return lunch


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("dynschema", *arguments, stdout=out)
    return out.getvalue().rstrip("\n")


def answered(*arguments: str) -> Any:
    return json.loads(printed(*arguments, "--json"))


def test_plan_shows_the_steps_and_the_sql_and_changes_nothing(renamed):
    before = state()

    text = printed("plan")

    key = f"survey:{renamed.pk}"
    assert text == (
        f'Plan for table "{TABLE}" ({key}):\n'
        f'1. Rename field "age" of table "{TABLE}" to "years"; its values stay.\n\n'
        "Hazards:\n  BREAKS_STALE: Requests under way in other processes fail once if they know "
        f'field "age" of table "{TABLE}" by that name.\n\n'
        f'SQL:\n  ALTER TABLE "{TABLE}" RENAME COLUMN "age" TO "years";'
    )
    assert state().differences(before) == []


def test_plan_in_json_is_the_plan(renamed):
    answer = answered("plan", f"survey:{renamed.pk}")

    assert answer == {"plans": [Responses.plan(renamed).as_json()], "errors": {}}


def test_plan_check_ends_with_an_error_only_while_something_would_change(renamed):
    with pytest.raises(CommandError, match=r"^Something would change\.$") as caught:
        printed("plan", "--check")
    printed("sync")

    assert caught.value.returncode == 1
    assert printed("plan", "--check") == "Nothing to do."


def test_sync_carries_out_the_plan_and_says_who_did_it(renamed):
    text = printed("sync")

    assert f'1. Rename field "age" of table "{TABLE}" to "years"; its values stay.' in text
    assert "years" in columns(TABLE)
    assert Change.objects.first().actor.startswith("manage.py dynschema sync (")
    assert printed("sync") == "Nothing to do."


def test_sync_of_some_tables_leaves_the_others(lunch):
    dinner = survey("dinner", age="integer")
    Question.objects.update(slug="years")

    printed("sync", f"survey:{dinner.pk}")

    assert "years" in columns("surveymaker_dinnerresponse")
    assert "age" in columns(TABLE)


def test_a_definition_that_is_refused_is_named_and_does_not_stop_the_others(renamed):
    refused = survey("dinner", age="integer")
    Question.objects.filter(survey=refused).update(slug="objects")

    with pytest.raises(CommandError) as caught:
        printed("sync")

    assert caught.value.returncode == 1
    assert str(caught.value).startswith(f"survey:{refused.pk}: [dynschema.E")
    assert "objects" in str(caught.value)
    assert "years" in columns(TABLE)


def test_a_blueprint_that_fails_for_a_definition_does_not_stop_the_others(renamed, caplog):
    broken = builders.form("broken")
    Form.objects.update(design="forgotten")

    with pytest.raises(CommandError) as error:
        printed("sync")

    assert str(error.value) == (
        f"form:{broken.pk}: [dynschema.E103] What it asks for cannot be told: "
        "KeyError('forgotten')."
    )
    assert columns(TABLE) == ["id", "created_at", "respondent_id", "years"]
    assert "KeyError" in caplog.text


def test_status_tells_of_retired_columns_of_drift_and_of_what_hands_made():
    form = builders.form("lunch", age=models.IntegerField(db_index=True), name=models.TextField())
    table = entries(form)._meta.db_table
    builders.retire(form, "name")
    query(f"ALTER TABLE {table} ADD COLUMN theirs integer")
    query(f"ALTER TABLE {table} RENAME COLUMN age TO mine")

    text = printed("status", f"form:{form.pk}")

    lines = text.splitlines()
    assert lines[0].startswith("Epoch ")
    assert lines[2:4] == [f'form:{form.pk}  "{table}"  live', "  retired column: name"]
    assert f'  drift: Add required field "age" (integer) to table "{table}".' in lines
    assert '  not made by dynschema, kept: column "mine" (integer)' in lines
    assert '  not made by dynschema, kept: column "theirs" (integer)' in lines


def test_status_in_json_has_the_epoch_and_every_table(lunch):
    answer = answered("status")

    (table,) = (each for each in answer["tables"] if each["key"] == f"survey:{lunch.pk}")
    assert answer["epoch"] == Change.objects.first().epoch
    assert table == {
        "key": f"survey:{lunch.pk}",
        "name": TABLE,
        "live": True,
        "retired_columns": [],
        "drift": [],
        "extra": [],
        "broken": None,
    }


def test_history_has_the_latest_change_first_and_stops_at_the_limit(renamed):
    printed("sync")

    latest, first = answered("history", "--limit", "2")

    assert [each["operation"] for each in latest["operations"]] == ["rename_field"]
    assert [each["operation"] for each in first["operations"]] == ["create_table"]
    assert latest["sql"] == f'ALTER TABLE "{TABLE}" RENAME COLUMN "age" TO "years"'
    assert len(answered("history", "--limit", "1")) == 1


@pytest.mark.parametrize("name", ["plan", "sync", "status", "history"])
def test_an_unknown_key_is_an_error_that_says_where_to_look(lunch, name):
    with pytest.raises(CommandError) as caught:
        printed(name, "survey:999")

    assert str(caught.value) == (
        'There is no table with the key "survey:999". `manage.py dynschema status` lists all keys.'
    )


@pytest.mark.parametrize("name", ["plan", "sync", "status", "history"])
def test_an_unknown_database_is_an_error_that_names_those_there_are(name):
    with pytest.raises(CommandError, match=r"invalid choice: 'nope' \(choose from '?default"):
        printed(name, "--database=nope")


@pytest.mark.parametrize("limit", ["0", "-1", "all"])
def test_a_history_has_one_change_at_least(limit):
    with pytest.raises(CommandError, match="argument --limit: "):
        printed("history", f"--limit={limit}")


# A site whose code is newer than its tables


NOT_MIGRATED = (
    '[dynschema.E304] The database "default" lacks tables or columns of dynschema or of the '
    "definitions. Run `manage.py migrate`."
)


@pytest.mark.parametrize(
    ("command", "table", "column"),
    [
        ("plan", "surveymaker_survey", "slug"),
        ("plan", "dynschema_table", "catalog_print"),
        ("plan", "dynschema_field", "former_columns"),
        ("sync", "surveymaker_survey", "slug"),
        ("sync", "dynschema_table", "catalog_print"),
        ("sync", "dynschema_field", "former_columns"),
        ("status", "dynschema_table", "catalog_print"),
        ("status", "dynschema_field", "state"),
        ("status", "dynschema_epoch", "fingerprint"),
        ("history", "dynschema_table", "catalog_print"),
        ("history", "dynschema_change", "hazards"),
    ],
)
def test_a_column_that_is_not_there_yet_is_made_by_migrate(renamed, command, table, column):
    with (
        without_column(table, column),
        pytest.raises(CommandError) as caught,
        transaction.atomic(),
    ):
        printed(command)

    assert (str(caught.value), caught.value.returncode) == (NOT_MIGRATED, 1)
    assert "years" not in columns(TABLE)


@pytest.fixture
def cleaned(transactional_db) -> Iterator[None]:
    """Clean up after transactions that commit."""
    with dynamic_tables_cleaned({"default"}):
        yield


@pytest.mark.parametrize(
    ("command", "table", "column"),
    [
        ("plan", "surveymaker_question", "kind"),
        ("sync", "surveymaker_question", "kind"),
        ("sync", "dynschema_epoch", "fingerprint"),
    ],
)
def test_a_column_that_only_some_tables_need_is_told_with_each(
    cleaned, renamed, command, table, column
):
    with without_column(table, column), pytest.raises(CommandError) as caught:
        printed(command)

    assert str(caught.value) == f"survey:{renamed.pk}: {NOT_MIGRATED}"
    assert caught.value.returncode == 1
    assert "years" not in columns(TABLE)
