"""Promise 11: content types and permissions follow where they are in another database."""

import pytest

from tests.processes.test_promise_11_a_site_starts import empty, process

pytestmark = pytest.mark.slow

__all__ = ["empty"]

STORY = """
import django
django.setup()
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
import dynschema
from tests.processes.elsewhere.models import Kind, Things

def tell(step):
    kinds = ContentType.objects.filter(app_label="elsewhere")
    kinds = kinds.exclude(model__in=["kind", "property"])
    views = Permission.objects.filter(content_type__in=kinds, codename__startswith="view")
    visitor = Client()
    visitor.force_login(User.objects.get())
    pages = [
        visitor.get(reverse(f"admin:elsewhere_{model._meta.model_name}_changelist")).status_code
        for model in Things.models()
    ]
    print(step, sorted(views.values_list("codename", flat=True)), pages)

call_command("migrate", verbosity=0)
call_command("migrate", database="things", run_syncdb=True, verbosity=0)
ada = User.objects.create_user("ada", is_staff=True)

with dynschema.atomic():
    car = Kind.objects.create(slug="car")
    car.properties.create(slug="age")
tell("made")

ada.user_permissions.add(Permission.objects.get(codename="view_car"))
tell("granted")

car.slug = "wagon"
car.save()
tell("renamed")

with transaction.atomic("things"):
    Kind.objects.create(slug="boat")
    transaction.set_rollback(True, "things")
tell("rolled back")

car.delete()
tell("retired")

Kind.objects.create(slug="wagon")
tell("another of that name")
call_command("dynschema", "plan", "--check")
"""


def test_permissions_follow_models_of_another_database_with_the_commit(
    empty, tmp_path, monkeypatch
):
    monkeypatch.setenv("USERS_URL", f"sqlite:///{tmp_path}/users.sqlite3")

    done = process(empty, "-c", STORY, settings="tests.processes.elsewhere.settings")

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "made ['view_car'] [403]",
        "granted ['view_car'] [200]",
        "renamed ['view_wagon'] [200]",
        "rolled back ['view_wagon'] [200]",
        "retired ['view_elsewhere_wagon (retired)'] []",
        "another of that name ['view_elsewhere_wagon (retired)', 'view_wagon'] [403]",
        "Nothing to do.",
    ]
