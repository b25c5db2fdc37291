"""The Django project in which the tests run: dynschema, the surveymaker example and the admin."""

import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.database_url import postgresql_settings

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = str(ROOT / "examples" / "surveymaker")
if EXAMPLE not in sys.path:
    sys.path.insert(0, EXAMPLE)

# Which database, where PostgreSQL is, where SQLite files go, and, for a process that a test
# starts, the name of the test database that exists already.
DATABASE_VARIABLE = "DYNSCHEMA_TEST_DATABASE"
URL_VARIABLE = "DYNSCHEMA_TEST_DATABASE_URL"
FOLDER_VARIABLE = "DYNSCHEMA_TEST_FOLDER"
NAME_VARIABLE = "DYNSCHEMA_TEST_DATABASE_NAME"


def database_settings() -> dict[str, Any]:
    """Give the settings of the chosen database."""
    if os.environ.get(DATABASE_VARIABLE) == "postgresql":
        settings = postgresql_settings(os.environ[URL_VARIABLE])
        settings["TEST"] = {"NAME": "test_dynschema"}
    else:
        # A file and not :memory:, since other processes must see it too.
        folder = Path(os.environ.get(FOLDER_VARIABLE, tempfile.gettempdir()))
        settings = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(folder / "site.sqlite3"),
            "TEST": {"NAME": str(folder / "test.sqlite3")},
        }
    settings["NAME"] = os.environ.get(NAME_VARIABLE, settings["NAME"])
    return settings


DATABASES = {"default": database_settings()}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "dynschema",
    *(["surveymaker"] if find_spec("surveymaker") else []),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

ALLOWED_HOSTS = ["*"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Fast on purpose: no test is about the strength of a password.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = "tests.urls"
SECRET_KEY = "only for the tests"
STATIC_ROOT = os.path.join(os.environ.get(FOLDER_VARIABLE, tempfile.gettempdir()), "static")
STATIC_URL = "static/"
TIME_ZONE = "Europe/Berlin"
USE_TZ = True
