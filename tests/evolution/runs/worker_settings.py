"""The settings of processes that hand runs to workers, and of those workers."""

import os

from django import VERSION

from tests.settings import *  # noqa: F403 - only what follows differs

ENGINE = "TEST_ENGINE"

INSTALLED_APPS = [
    *INSTALLED_APPS,  # noqa: F405 - from the tests
    *(["django_tasks"] if VERSION < (6,) else []),
    "django_tasks_db",
]
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
DYNSCHEMA = {"evolution": {"engine": os.environ[ENGINE], "slice_seconds": 0.0}}
