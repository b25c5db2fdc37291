"""Promise 7: a value that is committed while a change waits for the table is not lost either."""

from threading import Thread

import pytest
from django.db import connection, models, transaction

from dynschema.exceptions import DynschemaError, LossyChangeError, StatementFailedError
from tests.support import builders
from tests.support.builders import change, entries
from tests.support.evolves import nothing_left_to_do
from tests.support.state import query

pytestmark = [
    pytest.mark.slow,
    pytest.mark.only("postgresql"),
    pytest.mark.django_db(transaction=True),
]

WAITING = "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted"
TYPES = [
    models.IntegerField(null=True),
    models.BooleanField(null=True),
    models.JSONField(null=True),
    models.DateField(null=True),
    models.UUIDField(null=True),
    models.DecimalField(max_digits=5, decimal_places=2, null=True),
]


@pytest.mark.parametrize("new", TYPES, ids=lambda field: type(field).__name__)
def test_a_value_that_comes_while_the_type_waits_to_change_stays(new):
    form = builders.form("lunch", a=models.CharField(max_length=9, null=True))
    refused: list[DynschemaError] = []

    def ask() -> None:
        try:
            change(form, "a", new)
        except DynschemaError as error:
            refused.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        entries(form).objects.create(a="precious")
        thread = Thread(target=ask)
        thread.start()
        while not query(WAITING):
            pass
    thread.join()

    assert [type(each) for each in refused] == [StatementFailedError]
    assert "There is a value by now, or one that this role does not see" in str(refused[0])
    assert query("SELECT a FROM forms_lunchentry") == [("precious",)]
    with pytest.raises(LossyChangeError):
        change(form, "a", new)


def test_values_that_row_level_security_hides_stay():
    form = builders.form("lunch", a=models.TextField(null=True))
    entries(form).objects.create(a="hidden")
    query("ALTER TABLE forms_lunchentry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    query("CREATE POLICY nobody ON forms_lunchentry USING (false)")
    query("CREATE ROLE dynschema_site")
    try:
        query("GRANT ALL ON ALL TABLES IN SCHEMA public TO dynschema_site")
        query("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO dynschema_site")
        query("ALTER TABLE forms_lunchentry OWNER TO dynschema_site")
        with transaction.atomic():
            query("SET LOCAL ROLE dynschema_site")
            with pytest.raises(StatementFailedError):
                change(form, "a", models.IntegerField(null=True))
            transaction.set_rollback(True)
    finally:
        query("REASSIGN OWNED BY dynschema_site TO CURRENT_USER")
        query("DROP OWNED BY dynschema_site")
        query("DROP ROLE dynschema_site")
    query("ALTER TABLE forms_lunchentry DISABLE ROW LEVEL SECURITY")
    assert query("SELECT a FROM forms_lunchentry") == [("hidden",)]


def test_where_there_is_no_value_any_type_may_still_become_any_other():
    form = builders.form("lunch", a=models.TextField(null=True))
    entries(form).objects.create()

    for each in TYPES:
        change(form, "a", each)
        assert nothing_left_to_do(form)
