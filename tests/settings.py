"""The Django project in which the tests run: the surveymaker example on a database of the tests."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests import variables

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = str(ROOT / "examples" / "surveymaker")
if EXAMPLE not in sys.path:
    sys.path.insert(0, EXAMPLE)

from surveymaker.databases import database_settings  # noqa: E402 - needs the path above
from surveymaker.settings import *  # noqa: E402, F403 - the tests change only what follows

FOLDER = Path(os.environ.get(variables.FOLDER, tempfile.gettempdir()))


def own_database() -> dict[str, Any]:
    """Give the settings of the chosen database."""
    if os.environ.get(variables.DATABASE) == "postgresql":
        settings = database_settings(os.environ[variables.URL])
        # A name for each run: two may share a server.
        settings["TEST"] = {"NAME": f"test_dynschema_{os.getpid()}"}
    else:
        # A file and not :memory:, since other processes must see it too; and Django's own
        # options, as most sites have them.
        settings = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(FOLDER / "site.sqlite3"),
            "TEST": {"NAME": str(FOLDER / "test.sqlite3")},
        }
    settings["NAME"] = os.environ.get(variables.NAME, settings["NAME"])
    return settings


ALLOWED_HOSTS = ["*"]
DATABASES = {"default": own_database()}
DEBUG = False
INSTALLED_APPS = [
    *INSTALLED_APPS,  # noqa: F405 - from the example
    "dynschema.evolution",
    "tests.evolution.dumps.herbarium",
    "tests.evolution.dumps.museum",
    "tests.evolution.dumps.oddities",
    "tests.evolution.post_deploy.bakery",
    "tests.evolution.post_deploy.cellar",
    "tests.evolution.massmigrations.shop",
    "tests.evolution.runs.stock",
    "tests.evolution.schedules.rooms",
    "tests.forms",
]
if os.environ.get(variables.DATABASE) == "postgresql":
    # Its fields are among those that are dumped.
    INSTALLED_APPS.append("django.contrib.postgres")
# Fast on purpose: no test is about the strength of a password.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = str(FOLDER / "static")
TIME_ZONE = "Europe/Berlin"
