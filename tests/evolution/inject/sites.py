"""Small sites in folders of their own: an app `library`, and a `plugin` that injects fields."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.settings import EXAMPLE, ROOT

SETTINGS = """
from surveymaker.databases import database_settings
import os
SECRET_KEY = "only for a test"
DATABASES = {"default": database_settings(os.environ["DATABASE_URL"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "dynschema",
    "dynschema.evolution",
    "library",
    "plugin",
]
"""
LIBRARY = """
from django.db import models

class Person(models.Model):
    name = models.CharField("official name", max_length=50)

class Author(Person):
    born = models.IntegerField(default=0)

class Book(models.Model):
    title = models.CharField(max_length=50)

    @property
    def shelf(self):
        return self.title[:1]

class OldBook(Book):
    class Meta:
        proxy = True

class Dated(models.Model):
    since = models.IntegerField(null=True)
    class Meta:
        abstract = True

class Loan(Dated):
    book = models.ForeignKey(Book, models.CASCADE)
"""
INITIAL = """
from django.db import migrations, models
import django.db.models.deletion

class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel("Person", [
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False,
                verbose_name="ID")),
            ("name", models.CharField(max_length=50, verbose_name="official name")),
        ]),
        migrations.CreateModel("Author", [
            ("person_ptr", models.OneToOneField(auto_created=True,
                on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True,
                serialize=False, to="library.person")),
            ("born", models.IntegerField(default=0)),
        ], bases=("library.person",)),
        migrations.CreateModel("Book", [
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False,
                verbose_name="ID")),
            ("title", models.CharField(max_length=50)),
        ]),
        migrations.CreateModel("OldBook", [], options={
            "proxy": True, "indexes": [], "constraints": []}, bases=("library.book",)),
        migrations.CreateModel("Loan", [
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False,
                verbose_name="ID")),
            ("since", models.IntegerField(null=True)),
            ("book", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE,
                to="library.book")),
        ]),
    ]
"""
MIGRATION = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("library", "{before}")]
    operations = [{operations}]
"""
FILES = {
    "site_settings.py": SETTINGS,
    "library/__init__.py": "",
    "library/models.py": LIBRARY,
    "library/migrations/__init__.py": "",
    "library/migrations/0001_initial.py": INITIAL,
    "plugin/__init__.py": "",
    "plugin/models.py": "",
}
HEAD = """
from django.db import models
from dynschema.evolution import do_when_prepared, inject_field, update_field
"""


class Site:
    """A site in a folder, with its database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    def write(self, files: dict[str, str]) -> None:
        """Write files of the site."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def plug(self, text: str) -> None:
        """Let the plugin do this in its models.py, from line 5 on."""
        self.write({"plugin/models.py": f"{HEAD}\n{text}\n"})

    def settle(self, text: str) -> None:
        """Add to the settings."""
        with (self.folder / "site_settings.py").open("a") as file:
            file.write(f"\n{text}\n")

    def add_migration(self, name: str, operations: str, before: str = "0001_initial") -> None:
        """Let the library have another migration."""
        text = MIGRATION.format(before=before, operations=operations)
        self.write({f"library/migrations/{name}.py": text})

    def change_library(self, old: str, new: str) -> None:
        """Let the models of the library change."""
        path = self.folder / "library/models.py"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def run(self, *arguments: str, complaint: str | None = None) -> str:
        """Run Python in the site and give what it prints.

        Args:
            arguments: of Python.
            complaint: what stands in the end of its errors; None when there must be none.
        """
        process = self.start(*arguments)
        printed, errors = process.communicate()
        if complaint is None:
            assert (process.returncode, errors) == (0, ""), printed + errors
        else:
            assert process.returncode != 0
            assert complaint in errors, errors
        return printed

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start Python in the site."""
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "site_settings",
            "DATABASE_URL": self.url,
            "PYTHONPATH": os.pathsep.join([str(self.folder), str(ROOT), EXAMPLE]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return subprocess.Popen(
            [sys.executable, "-W", "error", *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def manage(self, *arguments: str, complaint: str | None = None) -> str:
        """Run a command of the site."""
        return self.run("-m", "django", *arguments, complaint=complaint)

    def ask(self, code: str) -> Any:
        """Run code in the site and give what it leaves in `answer`."""
        lines = [
            "import django, json, sys",
            "django.setup()",
            "from django.apps import apps",
            "from django.core.management import call_command",
            "from django.db import connection, models",
            "from library.models import *",
            code,
            "print(json.dumps(answer))",
        ]
        return json.loads(self.run("-c", "\n".join(lines)))

    def migrate_and_ask(self, code: str) -> Any:
        """Run `migrate`, then code in the same process."""
        return self.ask(f'call_command("migrate", verbosity=0)\n{code}')


def new_site(folder: Path, url: str) -> Site:
    """Make a site that is not migrated."""
    site = Site(folder, url)
    site.write(FILES)
    return site


def copied(site: Site, folder: Path, url: str) -> Site:
    """Copy the files of a site; its database is up to the caller."""
    shutil.copytree(site.folder, folder)
    return Site(folder, url)


def rename_book(site: Site) -> None:
    """Let the library call a book a volume; the migration is up to the caller."""
    site.change_library("class Book(", "class Volume(")
    site.change_library("OldBook(Book)", "OldBook(Volume)")
    site.change_library("ForeignKey(Book,", "ForeignKey(Volume,")
