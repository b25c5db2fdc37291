"""No name of a model, table, column or field is mistaken for something else."""

import os
import subprocess
import sys

from django.contrib.contenttypes.models import ContentType
from django.db import models

from tests.evolution.dumps.conftest import texts
from tests.evolution.dumps.museum.models import Colour
from tests.evolution.dumps.oddities.models import (
    Arguments,
    Calendar,
    Child,
    Grandchild,
    Odd,
    Paint,
    Person,
    Relative,
    Wall,
)


def comes_back(command, *given):
    """Dump models, restore them, and give the text of the program."""
    labels = [each._meta.label for each in given]
    before = [list(each.objects.order_by("pk").values()) for each in given]
    first = command.dump("first", *labels)
    for each in reversed(given):
        each.objects.all().delete()
    command.restore(first)
    assert [list(each.objects.order_by("pk").values()) for each in given] == before
    assert texts(command.dump("second", *labels)) == texts(first)
    return (first / "restore.py").read_text(encoding="utf-8")


def test_fields_that_are_called_like_what_a_dump_uses_come_back(command):
    names = ("kw", "dict", "loader", "new_content_type_id", "retired_Arguments", "größe")
    odd = ("class", "None", "ﬁeld")
    kind = ContentType.objects.get_for_model(Odd)
    Arguments.objects.create(kind=kind, **{each: each[:9] for each in (*names, *odd)})

    text = comes_back(command, Arguments)

    assert text.partition("def create_retired_arguments")[2].startswith(
        "(id, kw_2, dict_2, loader, new_content_type_id_2, retired_Arguments_2, größe, kind_id, "
        "class_, None_, field):\n"
    )
    assert "    kw.update(kw=kw_2)\n" in text
    assert "    kw.update({'class': class_})\n" in text
    assert "    kw.update({'ﬁeld': field})\n" in text


def test_tables_and_columns_with_any_character_come_back(command):
    Odd.objects.create(name="nothing", data=None)
    Odd.objects.create(name="null", data=models.Value(None, models.JSONField()))

    comes_back(command, Odd)

    assert list(Odd.objects.filter(data__isnull=True).values_list("name", flat=True)) == ["nothing"]


def test_tables_that_are_called_like_a_function_of_a_dump_come_back(command):
    Child.objects.create(name="a")
    Grandchild.objects.create(code="b", parent="c", child="d", pupil=True)

    comes_back(command, Child, Person, Relative, Grandchild)


def test_rows_of_children_come_in_the_order_of_the_bytes_of_their_keys(command):
    for code in ("b", "B", "ä", "a"):
        Grandchild.objects.create(code=code, pupil=False)

    folder = command.dump("dump", "retired.Grandchild")

    lines = (folder / "retired_grandchild.py").read_text(encoding="utf-8").splitlines()
    assert [each.partition("grandchild(")[2][1:2] for each in lines[1:-1]] == ["B", "a", "b", "ä"]


def test_keys_that_only_their_field_can_write_are_referred_to(command):
    Wall.objects.create(paint=Paint.objects.create(colour=Colour(255)))

    comes_back(command, Paint, Wall)


def test_a_table_that_is_called_like_a_module_hides_none(command, child_environment):
    Calendar.objects.create(day="2026-01-02")
    folder = command.dump("dump", "retired.Calendar")
    path = os.pathsep.join([child_environment.get("PYTHONPATH", ""), *sys.path])

    for cwd in ("/", folder):
        done = subprocess.run(
            [sys.executable, str(folder / "restore.py"), "--noinput"],
            env={**child_environment, "PYTHONPATH": path},
            cwd=cwd,
            capture_output=True,
            text=True,
        )

        assert (done.returncode, done.stderr) == (0, "")
