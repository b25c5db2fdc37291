"""The Django project of the benchmarks; a child process may start without dynschema."""

import os

from tests import variables
from tests.settings import FOLDER, own_database

# The apps of a process started for comparison, parted by commas; all of them where not named.
APPS = "BENCHMARK_APPS"
# Set where the process builds its dynamic models when it starts.
EAGER = "BENCHMARK_EAGER"

DATABASES = {"default": own_database()}
if variables.NAME not in os.environ:
    # Two runs at once on one server do not meet.
    on_postgresql = os.environ.get(variables.DATABASE) == "postgresql"
    name = FOLDER.name if on_postgresql else str(FOLDER / "benchmarks.sqlite3")
    DATABASES["default"]["TEST"] = {"NAME": name}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    *filter(None, os.environ.get(APPS, "dynschema,dynschema.evolution,benchmarks.app").split(",")),
]
SECRET_KEY = "only for benchmarks"
USE_TZ = True
