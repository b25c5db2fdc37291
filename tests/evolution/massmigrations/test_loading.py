"""The files of mass migrations are found, ordered, and refused where they cannot work."""

import sys
from pathlib import Path

import pytest
from django.core import checks
from django.core.management import CommandError, call_command

from dynschema.evolution import BaseMigration, launch
from dynschema.evolution.clock import SYSTEM_CLOCK
from dynschema.evolution.exceptions import EvolutionError
from dynschema.evolution.massmigrations.api import get_all_migrations, get_migration
from dynschema.evolution.massmigrations.exceptions import (
    DbAliasNotAllowed,
    DependentMigrationNotApplied,
    UnknownMigrationError,
)
from dynschema.evolution.massmigrations.loader import find, reference_to
from dynschema.evolution.runner import perform

EMPTY = """
from dynschema.evolution import SimpleMigration

class Migration(SimpleMigration):
    dependencies = [{}]

    def operation(self, db_alias):
        pass
"""

SHOP = "shop:0001_open, shop:0002_count, shop:0003_in_bulk, shop:0004_by_hand, shop:0005_elsewhere"


def test_each_comes_after_what_it_depends_on(make_app):
    label = make_app(
        m1_last=EMPTY.format("('APP', '10_first'), ('shop', '0002_count')"),
        m2_middle=EMPTY.format("('APP', '10_first')"),
        m10_first=EMPTY.format(""),
        m_none="nothing",
    )

    keys = [each.key for each in get_all_migrations()]

    of_app = [key for key in keys if key.startswith(label)]
    assert sorted(of_app) == [f"{label}:10_first", f"{label}:1_last", f"{label}:2_middle"]
    assert of_app.index(f"{label}:10_first") == 0
    assert keys.index("shop:0002_count") < keys.index(f"{label}:1_last")


def test_one_is_found_by_text_or_by_pair():
    assert get_migration("shop:0001_open").key == "shop:0001_open"
    assert get_migration(("shop", "0001_open")).key == "shop:0001_open"


@pytest.mark.parametrize("name", ["shop:0009_gone", "nowhere:0001_x", "shop", "shop:__init__"])
def test_an_unknown_one_is_refused_with_the_names_there_are(name):
    with pytest.raises(UnknownMigrationError) as refused:
        find(name)

    assert str(refused.value) == (
        f'[dynschema.E535] There is no mass migration "{name}"; there are {SHOP}. '
        "Correct the name, or deploy the code that has it."
    )
    assert isinstance(refused.value, ValueError)


@pytest.mark.django_db
def test_an_unknown_one_is_not_launched_either():
    with pytest.raises(UnknownMigrationError):
        launch(reference_to("shop:0009_gone"))


@pytest.mark.parametrize(
    ("migrations", "message"),
    [
        (
            {"m0001_a": EMPTY.format("('APP', '0002_b')")},
            (
                '[dynschema.E537] Mass migration "APP:0001_a" depends on "APP:0002_b", which does '
                "not exist. Correct its dependencies."
            ),
        ),
        (
            {
                "m0001_a": EMPTY.format("('APP', '0002_b')"),
                "m0002_b": EMPTY.format("('APP', '0001_a')"),
            },
            (
                "[dynschema.E538] Mass migrations depend on each other in a circle: APP:0001_a → "
                "APP:0002_b → APP:0001_a. None of them could ever run; remove one of these "
                "dependencies."
            ),
        ),
        (
            {"m0001_a": "Migration = 1"},
            (
                '[dynschema.E536] The mass migration "APP:0001_a" cannot be loaded: its file has '
                "no class Migration that is derived from BaseMigration. manage.py "
                "makemassmigration makes files that have one."
            ),
        ),
        (
            {"m0001_a": "import nowhere"},
            (
                '[dynschema.E536] The mass migration "APP:0001_a" cannot be loaded: '
                "ModuleNotFoundError: No module named 'nowhere'. Correct its file, or what that "
                "imports."
            ),
        ),
        (
            {"m0001_a": "class Migration(\n"},
            (
                '[dynschema.E536] The mass migration "APP:0001_a" cannot be loaded: SyntaxError: '
                "'(' was never closed (0001_a.py, line 1). Correct its file, or what that imports."
            ),
        ),
        (
            {"m0001_a": EMPTY.format("") + "    allowed_db_aliases = ['attic']"},
            (
                "[dynschema.E534] allowed_db_aliases of APP.massmigrations.0001_a names the "
                'database "attic"; possible are default. Correct it.'
            ),
        ),
    ],
    ids=["unknown", "circle", "no class", "import", "syntax", "its own error"],
)
@pytest.mark.django_db
def test_what_cannot_work_is_refused_and_found_by_a_check(make_app, migrations, message):
    label = make_app(**migrations)
    expected = message.replace("APP", label)

    with pytest.raises(EvolutionError) as refused:
        get_all_migrations()

    assert str(refused.value) == expected
    found = [each for each in checks.run_checks() if each.id == "dynschema_evolution.E002"]
    assert [each.msg for each in found] == [expected]


@pytest.mark.django_db
def test_a_command_tells_what_cannot_be_loaded_without_a_traceback(make_app):
    label = make_app(m0001_a="import nowhere")

    with pytest.raises(CommandError) as refused:
        call_command("massmigrate", "list")

    assert str(refused.value) == (
        f'[dynschema.E536] The mass migration "{label}:0001_a" cannot be loaded: '
        "ModuleNotFoundError: No module named 'nowhere'. Correct its file, or what that imports."
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("text", "is_tried_again"), [("import nowhere", True), ("1 / 0", False)])
def test_a_worker_waits_for_code_that_cannot_be_imported_yet(
    make_app, waiting, text, is_tried_again
):
    label = make_app(m0001_a=EMPTY.format(""))
    run = find(f"{label}:0001_a").launch("default")
    module = sys.modules.pop(f"{label}.massmigrations.0001_a")
    Path(module.__file__).write_text(f"# It is longer now.\n{text}\n")

    perform(run.delivery(), SYSTEM_CLOCK)

    run.refresh_from_db()
    assert (run.next_attempt_at is not None) is is_tried_again
    assert run.error_message.startswith(
        f'[dynschema.E536] The mass migration "{label}:0001_a" cannot be loaded: '
    )


@pytest.mark.django_db
def test_a_backend_that_is_no_engine_is_found_by_the_check(make_app):
    text = EMPTY.format("") + "    backend = {!r}"
    label = make_app(
        m0001_a=text.format("shop.backends.Threads"),
        m0002_b=text.format("manual"),
        m0003_c=text.format("scheduler"),
    )

    found = [each for each in checks.run_checks() if each.id.startswith("dynschema")]

    assert {each.id for each in found} == {"dynschema_evolution.E002"}
    assert [each.msg for each in found] == [
        (
            f'The backend of mass migration "{label}:0001_a" cannot be used. [dynschema.E512] '
            'There is no engine "shop.backends.Threads"; there are celery, django_tasks, inline, '
            'manual, scheduler. Name another one, or add it to DYNSCHEMA["evolution"]["engines"].'
        ),
        (
            f'The backend of mass migration "{label}:0003_c" cannot be used. '
            'DYNSCHEMA["evolution"]["scheduler_manager"] is "", which has no method '
            "schedule(action_ids, context_kwargs). Write one, or remove the setting."
        ),
    ]


@pytest.mark.django_db
def test_good_ones_pass_the_check():
    assert [each.id for each in checks.run_checks() if each.id.startswith("dynschema")] == []


def test_an_alias_that_does_not_exist_is_refused_where_it_is_written():
    with pytest.raises(DbAliasNotAllowed) as refused:
        type("Migration", (BaseMigration,), {"allowed_db_aliases": ["attic"], "__module__": "m"})

    assert str(refused.value) == (
        '[dynschema.E534] allowed_db_aliases of m names the database "attic"; possible are '
        "default. Correct it."
    )


@pytest.mark.django_db
def test_what_depends_on_another_waits_for_it():
    with pytest.raises(DependentMigrationNotApplied) as refused:
        find("shop:0002_count").launch("default")

    assert str(refused.value) == (
        '[dynschema.E531] Mass migration "shop:0002_count" depends on "shop:0001_open", which is '
        'not applied to database "default". Run that first: manage.py massmigrate run '
        "shop:0001_open --database=default."
    )
