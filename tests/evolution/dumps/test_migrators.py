"""Dumps of two older versions of the surveymaker example are restored by the present one."""

from pathlib import Path

import pytest
from django.core.management import call_command

from dynschema.evolution.dumps.exceptions import NoMigratorError
from dynschema.evolution.dumps.migrators import current_version
from surveymaker.models import Question, Survey
from tests.evolution.dumps.museum.models import Room
from tests.support.builders import answers, survey

OLDER = Path(__file__).parent / "older"
MIGRATORS = "tests.evolution.dumps.migrate"


@pytest.fixture
def migrated_by(settings):
    def choose(name):
        settings.DYNSCHEMA = {"evolution": {"migrator": f"{MIGRATORS}.{name}"}}

    return choose


@pytest.mark.parametrize("version", ["0.9", "1.0"])
def test_a_dump_of_an_older_version_is_carried_to_this_one(version, command, migrated_by):
    migrated_by("SurveyMigrator")

    command.restore(OLDER / version)

    lunch = Survey.objects.get()
    assert (lunch.title, lunch.slug) == ("Lunch", "lunch")
    assert list(Question.objects.values_list("slug", "text")) == [
        ("dish", "Which dish?"), ("age", "Age"),
    ]  # fmt: skip
    assert answers(lunch, "dish") == ["Soup", "Curry"]
    assert answers(lunch, "age") == [41, None]
    assert Room.objects.get().name == "2 texts"


def test_a_dump_is_marked_with_the_version_of_the_site(command, migrated_by):
    migrated_by("SurveyMigrator")

    folder = command.dump("dump", "museum.Room")

    assert "\nSOURCE_VERSION = '1.1'\n" in (folder / "restore.py").read_text()
    command.restore(folder)


@pytest.mark.parametrize(
    ("migrator", "returned"), [("Forgetful", "None"), ("Circular", "'0.9'"), ("Hasty", "'2.0'")]
)
def test_a_step_that_leads_to_no_later_version_is_named(migrator, returned, command, migrated_by):
    migrated_by(migrator)

    assert command.refusal(OLDER / "0.9") == (
        f"[dynschema.E580] {MIGRATORS}.{migrator}.migrate_from_0_9() returned {returned}. It must "
        "return the version that it leads to, a string such as '1.1', later than 0.9."
    )


def test_a_typo_in_a_migrator_is_named(command, migrated_by):
    migrated_by("Mistyped")

    assert command.refusal(OLDER / "0.9") == (
        '[dynschema.E581] There is no "create_surveymaker_survy" in the dump that could be '
        'overridden. Did you mean "create_surveymaker_survey"?'
    )


def test_a_missing_step_is_named(command, migrated_by):
    migrated_by("Circular")

    assert command.refusal(OLDER / "1.0") == (
        "[dynschema.E579] tests.evolution.dumps.migrate.Circular has no method migrate_from_1_0(), "
        "so a dump of version 1.0 cannot become one of version 1.1. Write the method; it returns "
        "the next version."
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "Nobody",
            (
                'cannot be imported (Module "tests.evolution.dumps.migrate" does not define a '
                '"Nobody" attribute/class)'
            ),
        ),
        ("noop", "is no Migrator"),
    ],
)
def test_a_setting_that_names_no_migrator_is_refused(name, reason, migrated_by):
    migrated_by(name)

    with pytest.raises(NoMigratorError) as caught:
        current_version()

    assert str(caught.value) == (
        f'[dynschema.E582] DYNSCHEMA["evolution"]["migrator"] is "{MIGRATORS}.{name}", which '
        f"{reason}. Name a subclass of dynschema.evolution.dumps.migrators.Migrator."
    )


def test_all_stored_dumps_are_tested_by_one_command(command, migrated_by):
    migrated_by("SurveyMigrator")
    Survey.objects.create(title="Mine", slug="mine")

    command.call("testdump", str(OLDER))

    assert command.printed == f"{OLDER / '0.9'}: restored\n{OLDER / '1.0'}: restored\n"
    assert Survey.objects.get().title == "Mine"


def test_stored_dumps_may_stand_before_and_after_options(command, migrated_by):
    migrated_by("SurveyMigrator")

    command.call("testdump", str(OLDER / "1.0"), "--quick", str(OLDER / "0.9"))

    assert command.printed == f"{OLDER / '1.0'}: restored\n{OLDER / '0.9'}: restored\n"


def test_a_stored_dump_that_cannot_be_restored_fails_the_command(command, migrated_by):
    migrated_by("Hasty")

    failure = command.failure("testdump", str(OLDER / "0.9"))

    assert failure.startswith(f"{OLDER / '0.9'}: [dynschema.E580] ")
    assert command.printed == f"{OLDER / '0.9'}: failed\n"
    assert command.failure("testdump", str(command.folder)) == (
        f'[dynschema.E584] There is no dump in "{command.folder}". Name a folder with a restore.py.'
    )


@pytest.mark.django_db
def test_stored_dumps_are_tested_within_a_test_case(migrated_by, capsys):
    """As most tests of a project are, in a transaction that is rolled back."""
    migrated_by("SurveyMigrator")
    Room.objects.create(name="mine")
    lunch = survey("lunch", age="integer")
    lunch.Response.objects.create(age=3)

    call_command("testdump", str(OLDER))

    assert capsys.readouterr().out.count(": restored\n") == 2
    assert Room.objects.get().name == "mine"
    lunch.Response.objects.create(age=4)
    assert answers(lunch, "age") == [3, 4]
