"""A record that makes no sense is said, and keeps no other back."""

import io

import pytest
from django.core.management import CommandError, call_command

from dynschema.evolution import Run, Task
from dynschema.evolution.adoption import adopting
from dynschema.evolution.adoption.records import run_of_action, task_of
from tests.evolution.adoption.test_adopting import (
    DONE,
    FAILED,
    LATE,
    function,
    insert_action,
    insert_task,
    installed,  # noqa: F401 - a fixture
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("column", ["_extra_data", "_func_info"])
@pytest.mark.parametrize("value", ["null", "[1]", "{", ""])
def test_a_task_without_its_json_is_said_and_keeps_no_other_back(installed, column, value):  # noqa: F811
    insert_task(1, "Odd", function("sweep"), **{column: value})
    insert_task(2, "Sound", function("sweep"))

    written, exit_code = refused_adoption()

    assert written[0] == (
        f"default: Sisy task Odd: not taken over, OddRecordError: [dynschema.E568] The column "
        f'{column} of the Sisy task "Odd" is {value!r}, and no JSON object. Correct it there, or '
        "schedule that task anew; then call adopt_records again."
    )
    assert (exit_code, labels()) == (1, ["Sound"])


def test_a_task_without_user_data_is_said_and_keeps_no_other_back(installed):  # noqa: F811
    insert_task(1, "Odd", function("sweep"), _extra_data=None)
    insert_task(2, "Sound", function("sweep"))

    written, exit_code = refused_adoption()

    assert '_extra_data of the Sisy task "Odd" is None, and no JSON object.' in written[0]
    assert (exit_code, labels()) == (1, ["Sound"])


def test_a_task_with_odd_iterations_keeps_no_other_back(installed):  # noqa: F811
    insert_task(1, "Odd", function("sweep"), iterations=-1)
    insert_task(2, "Sound", function("sweep"))

    written, exit_code = refused_adoption()

    assert written[0].startswith(
        "default: Sisy task Odd: not taken over, InvalidTaskError: [dynschema.E569] "
    )
    assert (exit_code, labels()) == (1, ["Sound"])


def test_what_the_database_refuses_keeps_no_other_back(installed, monkeypatch):  # noqa: F811
    def without_answer(record, label):
        task = task_of(record, label)
        task.enabled = True if label == "Sound" else None
        return task

    monkeypatch.setattr(adopting, "task_of", without_answer)
    insert_action(DONE, "shop.post_deploy.fill", completed_at=LATE)
    insert_task(1, "Odd", function("sweep"))
    insert_task(2, "Sound", function("sweep"))

    written, exit_code = refused_adoption()

    assert written[1].startswith("default: Sisy task Odd: not taken over, IntegrityError: ")
    assert written[3] == "2 taken over, 0 there already, 1 not taken over."
    assert (exit_code, labels()) == (1, ["Sound"])
    assert Run.objects.get().pk == DONE


def test_code_that_cannot_be_imported_keeps_no_other_back(installed, monkeypatch):  # noqa: F811
    def stumble(info):
        if info["func_name"] == "sweep":
            raise SyntaxError("invalid syntax")

    monkeypatch.setattr(adopting, "callable_of", stumble)
    insert_task(1, "Odd", function("sweep"))
    insert_task(2, "Sound", function("daily_maintenance"))

    written, exit_code = refused_adoption()

    assert written[0] == "default: Sisy task Odd: not taken over, SyntaxError: invalid syntax"
    assert (exit_code, labels()) == (1, ["Sound"])


def test_an_odd_run_keeps_no_other_back(installed, monkeypatch):  # noqa: F811
    def refuse_one(record, using):
        if record.pk == FAILED:
            raise ValueError("odd")
        return run_of_action(record, using)

    monkeypatch.setattr(adopting, "run_of_action", refuse_one)
    insert_action(FAILED, "shop.post_deploy.mail", completed_at=LATE)
    insert_action(DONE, "shop.post_deploy.fill", completed_at=LATE)

    written, exit_code = refused_adoption()

    odd = "default: post-deploy action shop.post_deploy.mail: not taken over, ValueError: odd"
    assert odd in written
    assert (exit_code, Run.objects.get().pk) == (1, DONE)


def labels():
    return list(Task.objects.values_list("label", flat=True))


def refused_adoption():
    """Return what the command printed before it failed, and its exit code."""
    written = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("adopt_records", "--database=default", stdout=written)
    return written.getvalue().splitlines(), refused.value.returncode
