"""Django's own look-ups and commands meet dynamic models where they should, and nowhere else."""

import io
import json
from dataclasses import replace

import pytest
from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.state import ProjectState
from django.test.utils import CaptureQueriesContext

from dynschema.history import Token
from dynschema.runtime.appconfig import install, uninstall
from dynschema.runtime.registry import Registry, evolve
from tests.runtime.builds import APP, committed_tables, lunch, publish, tables, to_user


def output_of(*command: str, **options) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out, **options)
    return out.getvalue()


def fifty_models(registry: Registry) -> None:
    publish(
        registry,
        *(lunch(f"survey:{n}", f"Response{n}", respondent=to_user()) for n in range(50)),
    )


@pytest.mark.parametrize(
    "name",
    [("sessions.LunchResponse",), ("sessions", "lunchresponse"), ("sessions", "LunchResponse")],
)
def test_a_model_is_found_by_name(registry: Registry, name):
    model = publish(registry, lunch()).models["survey:1"]

    assert apps.get_model(*name) is model


def test_static_models_come_first_and_ask_nothing(registry: Registry):
    asked = []
    install(APP, registry, lambda: asked.append("fresh"))

    found = apps.get_model("sessions.Session")

    assert (found, asked) == (Session, [])


def test_a_model_of_another_process_is_found_after_asking(registry: Registry):
    install(APP, registry, lambda: publish(registry, lunch()) and None)

    found = apps.get_model("sessions.LunchResponse")

    assert found is registry.snapshot.models["survey:1"]


def test_the_caller_may_name_the_snapshot_to_look_in(registry: Registry):
    provisional = evolve(registry.snapshot, {"survey:1": lunch()})
    install(APP, registry, lambda: provisional)

    found = apps.get_model("sessions.LunchResponse")

    assert found is provisional.models["survey:1"]
    assert list(registry.snapshot.models) == []


def test_an_unknown_name_is_the_error_of_django(registry: Registry):
    with pytest.raises(LookupError, match="App 'sessions' doesn't have a 'Meal' model"):
        apps.get_model("sessions.Meal")


def test_installing_twice_and_uninstalling_leaves_the_config_as_it_was():
    config = apps.get_app_config(APP)
    before = dict(vars(config))

    install(APP, Registry(), lambda: None)
    install(APP, Registry(), lambda: None)
    uninstall(APP)
    uninstall(APP)

    assert vars(config) == before


def test_who_asks_for_models_gets_those_that_are_meant_for_him(registry: Registry):
    model = publish(registry, lunch()).models["survey:1"]
    config = apps.get_app_config(APP)

    assert list(config.get_models()) == [Session, model]
    assert list(config.get_models(include_auto_created=True)) == [Session, model]
    assert model in apps.get_models(include_auto_created=True)
    assert model not in apps.get_models()
    assert model not in apps.get_models(include_swapped=True)


def test_the_list_of_all_models_never_runs_a_query(registry: Registry):
    install(APP, registry, lambda: pytest.fail("asked for the epoch"))

    apps.clear_cache()

    assert Session in apps.get_models(include_auto_created=True)


def test_the_models_of_one_app_are_looked_up_only_as_long_as_none_was_published(registry: Registry):
    asked = []
    install(APP, registry, lambda: asked.append("the epoch"))
    config = apps.get_app_config(APP)

    assert list(config.get_models()) == [Session]
    assert asked == ["the epoch"]
    model = publish(registry, lunch()).models["survey:1"]
    registry.publish(replace(registry.snapshot, epoch=Token(1, "a")))
    assert list(config.get_models()) == [Session, model]
    assert asked == ["the epoch"]


@pytest.mark.django_db
def test_makemigrations_sees_no_dynamic_model(registry: Registry):
    fifty_models(registry)

    assert output_of("makemigrations", APP, check_changes=True, dry_run=True) == (
        "No changes detected in app 'sessions'\n"
    )
    assert {name for app, name in ProjectState.from_apps(apps).models if app == APP} == {"session"}


@pytest.mark.django_db
def test_check_examines_no_dynamic_model(registry: Registry):
    class Broken(models.Model):
        class Meta:
            abstract = True
            app_label = APP

        @classmethod
        def check(cls, **kwargs):
            raise AssertionError("examined")

    wanted = lunch()
    publish(registry, lunch(), type(wanted)(**{**vars(wanted), "bases": (Broken,)}))

    assert output_of("check") == "System check identified no issues (0 silenced).\n"


@pytest.mark.django_db
def test_content_types_and_permissions_are_made_and_kept(registry: Registry):
    model = publish(registry, lunch()).models["survey:1"]
    config = apps.get_app_config(APP)

    create_contenttypes(config, verbosity=0)
    create_permissions(config, verbosity=0)
    call_command("remove_stale_contenttypes", interactive=False, verbosity=0)

    content_type = ContentType.objects.get(app_label=APP, model="lunchresponse")
    assert content_type.model_class() is model
    assert set(
        Permission.objects.filter(content_type=content_type).values_list("codename", flat=True)
    ) == {f"{action}_lunchresponse" for action in ("add", "change", "delete", "view")}


@pytest.mark.django_db
def test_dumpdata_and_loaddata_carry_records(registry: Registry, tmp_path):
    snapshot = publish(registry, lunch(respondent=to_user(), age=models.IntegerField()))
    model = snapshot.models["survey:1"]

    with tables(snapshot):
        ann = User.objects.create(username="ann")
        model.objects.create(age=3, respondent=ann)
        dumped = output_of("dumpdata", APP)
        assert output_of("dumpdata", "sessions.LunchResponse") == dumped
        file = tmp_path / "dump.json"
        file.write_text(dumped)
        model.objects.all().delete()
        call_command("loaddata", str(file), verbosity=0)

        assert [each["fields"] for each in json.loads(dumped)] == [{"age": 3, "respondent": ann.pk}]
        assert model.objects.values_list("age", "respondent__username").get() == (3, "ann")


@pytest.mark.django_db(transaction=True)
def test_flush_empties_dynamic_tables(registry: Registry):
    snapshot = publish(registry, lunch(respondent=to_user()))
    model = snapshot.models["survey:1"]
    with committed_tables(snapshot):
        model.objects.create(respondent=User.objects.create(username="ann"))

        call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)

        assert (model.objects.count(), User.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_finding_a_model_runs_no_query_of_its_own(registry: Registry):
    publish(registry, lunch(respondent=to_user()))

    with CaptureQueriesContext(connection) as queries:
        apps.get_model("sessions.LunchResponse")
        apps.clear_cache()
        User._meta.get_fields()

    assert list(queries) == []
