"""Runs the command, and tells what it printed."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.evolution.runs.conftest import Time, deliveries  # noqa: F401 - a fixture
from tests.evolution.runs.test_workers import celery_site, tasks_site  # noqa: F401 - fixtures

BAKERY = "tests.evolution.post_deploy.bakery"
SWEEP = f"{BAKERY}.post_deploy.sweep"
PAINT = f"{BAKERY}.post_deploy.paint"
ARRANGE = f"{BAKERY}.post_deploy.arrange"
AIR = "tests.evolution.post_deploy.cellar.post_deploy.air"


class Deploy:
    """What the latest call printed and how it ended."""

    def __call__(self, *options):
        out, err = StringIO(), StringIO()
        self.failure = self.exit_code = None
        try:
            call_command("deploy", *options, stdout=out, stderr=err)
        except CommandError as error:
            self.failure, self.exit_code = str(error), error.returncode
        self.errors = err.getvalue().splitlines()
        return out.getvalue().splitlines()


@pytest.fixture
def deploy():
    return Deploy()


@pytest.fixture
def time():
    return Time()
