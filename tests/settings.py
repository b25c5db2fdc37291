"""The Django project in which the tests run: dynschema, the surveymaker example and the admin."""

import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests import variables
from tests.database_url import postgresql_settings

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = str(ROOT / "examples" / "surveymaker")
if EXAMPLE not in sys.path:
    sys.path.insert(0, EXAMPLE)


def database_settings() -> dict[str, Any]:
    """Give the settings of the chosen database."""
    if os.environ.get(variables.DATABASE) == "postgresql":
        settings = postgresql_settings(os.environ[variables.URL])
        settings["TEST"] = {"NAME": "test_dynschema"}
    else:
        # A file and not :memory:, since other processes must see it too.
        folder = Path(os.environ.get(variables.FOLDER, tempfile.gettempdir()))
        settings = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(folder / "site.sqlite3"),
            "TEST": {"NAME": str(folder / "test.sqlite3")},
        }
    settings["NAME"] = os.environ.get(variables.NAME, settings["NAME"])
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
STATIC_ROOT = os.path.join(os.environ.get(variables.FOLDER, tempfile.gettempdir()), "static")
STATIC_URL = "static/"
TIME_ZONE = "Europe/Berlin"
USE_TZ = True
