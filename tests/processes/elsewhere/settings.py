"""The settings: the definitions are in the database of the tests, all else in a file."""

import os
from typing import Any

from surveymaker.databases import database_settings
from surveymaker.settings import MIDDLEWARE as MIDDLEWARE
from surveymaker.settings import TEMPLATES as TEMPLATES

DATABASES = {
    "default": database_settings(os.environ["USERS_URL"]),
    "things": database_settings(os.environ["DATABASE_URL"]),
}
DATABASE_ROUTERS = ["tests.processes.elsewhere.settings.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "dynschema",
    "tests.processes.elsewhere",
]
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "tests.processes.elsewhere.urls"
SECRET_KEY = "of the tests"


class Router:
    def db_for_read(self, model: Any, **hints: Any) -> str:
        return self._of(model._meta.app_label)

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == self._of(app_label)

    def _of(self, app_label: str) -> str:
        return "things" if app_label in ("dynschema", "elsewhere") else "default"
