"""A refusal leaves the classes as they were, also as the first thing that a process does."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from dynschema.test import dynamic_tables_cleaned
from tests.support.builders import survey

REFUSED = """
import django
django.setup()
from dynschema.exceptions import NameTakenError
from surveymaker.models import Survey
lunch = Survey.objects.get()
try:
    lunch.questions.create(slug="how-old", kind="integer")
except NameTakenError as error:
    print(error)
print([field.name for field in lunch.Response._meta.fields])
"""


@pytest.fixture(autouse=True)
def cleaned(transactional_db: None) -> Iterator[None]:
    with dynamic_tables_cleaned({"default"}):
        yield


@pytest.mark.slow
def test_a_refusal_in_a_new_process_leaves_the_class_there(child_environment):
    survey("lunch", how_old="integer")

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", REFUSED],
        env=child_environment,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        '[dynschema.E102] The name "how_old" is taken by the field "how_old". Choose another name.',
        "['id', 'created_at', 'respondent', 'how_old']",
    ]
