"""Code that requires a mass migration is not called before that is applied."""

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.http import HttpResponse
from django.test import utils

from dynschema.evolution import (
    RequiredMigrationNotApplied,
    Run,
    requires_migration,
    view_requires_migration,
)
from dynschema.evolution.contexts import DefaultContext
from dynschema.evolution.massmigrations import enforcement
from dynschema.evolution.massmigrations.exceptions import DbAliasNotAllowed, UnknownMigrationError
from dynschema.evolution.massmigrations.loader import find

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def in_production(monkeypatch):
    """Have it look as if no tests were running."""
    enforcement._seen_applied.clear()
    monkeypatch.delattr(utils._TestState, "saved_data")
    yield
    enforcement._seen_applied.clear()


@requires_migration("shop:0001_open", skip_in_tests=False)
def sell():
    return "sold"


@view_requires_migration(("shop", "0001_open"), skip_in_tests=False, retry_after_seconds=90)
def view(request):
    return HttpResponse("sold")


def test_a_function_is_not_called_before():
    with pytest.raises(RequiredMigrationNotApplied) as refused:
        sell()

    assert str(refused.value) == (
        f'[dynschema.E532] {__name__}.sell requires the mass migration "shop:0001_open", which '
        'is not applied to database "default". Run: manage.py massmigrate run shop:0001_open '
        "--database=default."
    )


def test_a_function_is_called_after():
    find("shop:0001_open").launch("default")

    assert sell() == "sold"
    assert sell.__name__ == "sell"


def test_a_view_answers_503_and_says_when_to_come_again(rf, caplog):
    response = view(rf.get("/"))

    assert (response.status_code, response.headers["Retry-After"]) == (503, "90")
    assert response.content == b"This resource requires data changes which have not yet been made."
    assert "requires the mass migration" in caplog.text


def test_a_view_answers_after(rf):
    find("shop:0001_open").launch("default")

    assert view(rf.get("/")).content == b"sold"


@pytest.mark.parametrize("status", ["errored", "running", "paused", "cancelled"])
def test_what_is_started_and_not_applied_is_not_enough(status):
    find("shop:0001_open").launch("default")
    Run.objects.update(status=status)

    with pytest.raises(RequiredMigrationNotApplied):
        sell()


def test_asynchronous_functions_wait_too(rf):
    @view_requires_migration("shop:0001_open", skip_in_tests=False)
    async def view(request):
        return HttpResponse("sold")

    @requires_migration("shop:0001_open", skip_in_tests=False)
    async def sell():
        return "sold"

    refused = async_to_sync(view)(rf.get("/"))
    find("shop:0001_open").launch("default")

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
    assert async_to_sync(view)(rf.get("/")).content == b"sold"
    assert async_to_sync(sell)() == "sold"


def test_every_database_on_which_it_may_run_counts(archive):
    find("shop:0001_open").launch("default")

    with pytest.raises(RequiredMigrationNotApplied) as refused:
        sell()

    assert refused.value.using == "archive"


def test_the_databases_that_count_may_be_named(archive):
    @requires_migration("shop:0001_open", ["archive"], skip_in_tests=False)
    def sell():
        return "sold"

    find("shop:0001_open").launch("archive")

    assert sell() == "sold"


def test_a_database_without_the_table_has_nothing_applied(archive, rf):
    with connection.schema_editor() as editor:
        editor.delete_model(Run)
    try:
        response = view(rf.get("/"))
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(Run)

    assert response.status_code == 503


def test_a_database_that_never_counts_is_refused():
    @requires_migration("shop:0001_open", ["attic"])
    def sell():
        return "sold"

    with pytest.raises(DbAliasNotAllowed) as refused:
        sell()

    assert str(refused.value) == (
        f"[dynschema.E534] {__name__}.test_a_database_that_never_counts_is_refused.<locals>.sell "
        'names the database "attic"; possible are default. Correct it.'
    )


def test_an_unknown_migration_is_refused():
    @requires_migration("shop:0009_gone")
    def sell():
        return "sold"

    with pytest.raises(UnknownMigrationError):
        sell()


def test_tests_are_let_through_unless_they_want_to_see_it(in_production):
    @requires_migration("shop:0001_open")
    def sell():
        return "sold"

    with pytest.raises(RequiredMigrationNotApplied):
        sell()


def test_in_tests_nothing_is_asked(django_assert_num_queries):
    @requires_migration("shop:0001_open")
    def sell():
        return "sold"

    with django_assert_num_queries(0):
        assert sell() == "sold"


def test_what_was_seen_applied_is_not_asked_for_a_while(
    in_production, django_assert_num_queries, monkeypatch
):
    find("shop:0001_open").launch("default")
    sell()

    with django_assert_num_queries(0):
        sell()
    monkeypatch.setattr(enforcement, "monotonic", lambda: float("inf"))
    with django_assert_num_queries(1):
        sell()


class Tenants(DefaultContext):
    current = "red"

    def default_parameters(self):
        return {"tenant": self.current}


def test_what_was_seen_applied_for_one_tenant_is_asked_for_another(
    in_production, django_assert_num_queries, monkeypatch, settings
):
    settings.DYNSCHEMA = {"evolution": {"context_manager": f"{__name__}.Tenants"}}
    find("shop:0001_open").launch("default")
    sell()

    monkeypatch.setattr(Tenants, "current", "blue")

    with django_assert_num_queries(1):
        sell()


def test_what_was_seen_applied_is_forgotten_with_its_run(in_production):
    run = find("shop:0001_open").launch("default")
    sell()

    run.delete()

    with pytest.raises(RequiredMigrationNotApplied):
        sell()
