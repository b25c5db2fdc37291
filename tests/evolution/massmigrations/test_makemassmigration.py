"""`manage.py makemassmigration` makes a file that loads, and fails until it is filled in."""

from importlib import invalidate_caches

import pytest
from django.core.management import CommandError, call_command

from dynschema.evolution import BaseMigration, MapperMigration, SimpleMigration
from dynschema.evolution.massmigrations.loader import find
from tests.evolution.massmigrations.test_loading import EMPTY


def make(*arguments):
    call_command("makemassmigration", *arguments)
    invalidate_caches()


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ([], MapperMigration),
        (["--template=mapper"], MapperMigration),
        (["--template=simple"], SimpleMigration),
        (["--template=custom"], BaseMigration),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_each_template_loads_and_is_not_applied_by_accident(make_app, tmp_path, arguments, kind):
    label = make_app()

    make(label, "fill_in", *arguments)

    migration = find(f"{label}:0001_fill_in")
    run = migration.launch("default")
    assert type(migration).__bases__ == (kind,)
    assert list(migration.dependencies) == []
    assert (run.status, run.error_class) == ("errored", "NotImplementedError")


def test_the_file_is_named(make_app, tmp_path, capsys):
    label = make_app()

    make(label, "fill_in")

    path = tmp_path / label / "massmigrations" / "0001_fill_in.py"
    assert capsys.readouterr().out == f"Created new migration: {path}\n"
    assert (path.parent / "__init__.py").exists()


@pytest.mark.parametrize("latest", ["0003_happy", "12_happy", "00009_happy_py"])
def test_the_next_one_follows_the_latest(make_app, latest):
    label = make_app(**{f"m{latest}": EMPTY.format(""), "m0001_first": EMPTY.format("")})

    make(label, "more")

    number = int(latest.partition("_")[0]) + 1
    assert find(f"{label}:{number:04d}_more").dependencies == [(label, latest)]


@pytest.mark.parametrize("name", ["Fill", "fill-in", "../fill", "fill in", ""])
def test_a_name_that_cannot_be_imported_is_refused(name):
    with pytest.raises(CommandError) as refused:
        make("shop", name)

    assert str(refused.value) == (
        f'"{name}" cannot be the name of a mass migration. '
        "Use small letters, digits and underscores only."
    )


def test_an_unknown_app_is_refused():
    with pytest.raises(CommandError) as refused:
        make("nowhere", "fill")

    assert str(refused.value) == (
        "No installed app with label 'nowhere'. Name an app of INSTALLED_APPS by its label."
    )


def test_an_unknown_template_is_refused():
    with pytest.raises(CommandError) as refused:
        make("shop", "fill", "--template=secret")

    assert "invalid choice: 'secret'" in str(refused.value)
