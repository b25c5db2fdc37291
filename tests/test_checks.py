"""System checks, and the refusals that they announce; W002 is shown with promise 11."""

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.backends.dummy.base import DatabaseWrapper

from dynschema.conf import configuration
from dynschema.exceptions import UnsavedDefinitionError, UnsupportedDatabaseError
from dynschema.locking import locked
from dynschema.schema.dialects import dialect_of
from surveymaker.models import Responses, Survey
from tests.forms.models import Form


class Elsewhere:
    """A router that keeps everything in a database of a kind that cannot keep the promises."""

    def db_for_write(self, model, **hints):
        return "elsewhere"


@pytest.fixture
def elsewhere(settings):
    connections["elsewhere"] = DatabaseWrapper({**connections["default"].settings_dict})
    connections["elsewhere"].alias = "elsewhere"
    settings.DATABASE_ROUTERS = [Elsewhere()]
    yield
    del connections["elsewhere"]


def found(code):
    """Give message and hint of each finding of one check."""
    return [(each.msg, each.hint) for each in run_checks() if each.id == code]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"colum_names": "stable"},
            (
                'DYNSCHEMA has the unknown setting "colum_names"; '
                "it knows column_names, evolution, lock_timeout_ms."
            ),
        ),
        (
            {"column_names": "pretty"},
            'DYNSCHEMA["column_names"] is "pretty"; use "readable" or "stable".',
        ),
        *[
            (
                {"lock_timeout_ms": wrong},
                (
                    f'DYNSCHEMA["lock_timeout_ms"] is {wrong!r}; use a whole number of '
                    "milliseconds, or 0 to wait for ever."
                ),
            )
            for wrong in ("2s", -1, 0.5, None)
        ],
    ],
)
def test_e001_finds_what_the_settings_cannot_hold(settings, given, message):
    settings.DYNSCHEMA = given

    findings = found("dynschema.E001")

    assert findings == [(message, "Correct DYNSCHEMA in the settings.")]
    with pytest.raises(ImproperlyConfigured, match="DYNSCHEMA"):
        configuration()


def test_e002_finds_a_database_that_cannot_change_tables_and_rows_together(elsewhere):
    findings = found("dynschema.E002")

    assert findings == [
        (
            'The database "elsewhere" (unknown) cannot change tables and rows in one transaction.',
            "Keep definitions on PostgreSQL or SQLite.",
        )
    ]


class FormsElsewhere:
    """A router that keeps one of two definition models in another database."""

    def db_for_write(self, model, **hints):
        return "elsewhere" if model is Form else None


def test_e003_finds_definitions_in_two_databases(elsewhere, settings):
    settings.DATABASE_ROUTERS = [FormsElsewhere()]

    findings = found("dynschema.E003")

    assert findings == [
        (
            (
                "Definitions are kept in 2 databases: default, elsewhere. "
                "A process has the classes of one of them at a time."
            ),
            "Let your database routers keep all definitions in one database.",
        )
    ]


@pytest.mark.parametrize(
    "ask",
    [locked("elsewhere").__enter__, lambda: dialect_of(connections["elsewhere"])],
    ids=["lock", "dialect"],
)
def test_e302_refuses_such_a_database(elsewhere, ask):
    with pytest.raises(UnsupportedDatabaseError) as error:
        ask()

    assert str(error.value) == (
        '[dynschema.E302] The database "elsewhere" (unknown) cannot change tables and rows in one '
        "transaction. Use PostgreSQL or SQLite for dynamic tables."
    )


def test_w001_finds_prepared_statements(monkeypatch):
    options = {**connections["default"].settings_dict.get("OPTIONS", {}), "prepare_threshold": 5}
    monkeypatch.setitem(connections["default"].settings_dict, "OPTIONS", options)

    findings = found("dynschema.W001")

    assert findings == [
        (
            'The database "default" prepares statements, which fail after a table has changed.',
            'Remove "prepare_threshold" from its OPTIONS.',
        )
    ]


@pytest.mark.parametrize("ask", [Responses.model_for, Responses.plan, Responses.sync])
def test_e104_refuses_a_definition_that_has_not_been_saved(ask):
    lunch = Survey(title="Lunch", slug="lunch")

    with pytest.raises(UnsavedDefinitionError) as error:
        ask(lunch)

    assert str(error.value) == (
        '[dynschema.E104] The survey "Lunch" has not been saved, so it has no table. Save it first.'
    )
