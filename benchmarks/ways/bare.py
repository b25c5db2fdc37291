"""The upper floor: save the row, use Django's schema editor, generate the class; no promise kept.

The fields are known from memory, where most programs would have to ask for them: see `reading`.
"""

from importlib import import_module
from typing import Any

from django.apps.registry import Apps
from django.db import connection, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from benchmarks.app.kinds import KINDS, TEN_QUESTIONS
from benchmarks.app.models import BareQuestion, BareSurvey
from benchmarks.ways.way import ADDED, ADDED_KIND, RENAMED, Way


class Bare(Way):
    name = "bare Django"

    def create(self) -> None:
        with transaction.atomic():
            self.survey = BareSurvey.objects.create(slug=self.slug)
            for slug, kind in TEN_QUESTIONS.items():
                BareQuestion.objects.create(survey=self.survey, slug=slug, kind=kind)
            self.model = self.generate()
            with schema_editor() as editor:
                editor.create_model(self.model)

    def add(self) -> None:
        with transaction.atomic():
            values = {"slug": ADDED, "kind": ADDED_KIND}
            self.question = BareQuestion.objects.create(survey=self.survey, **values)
            model = self.generate(ADDED)
            with schema_editor() as editor:
                editor.add_field(self.model, field(model, ADDED))
            self.model = model

    def rename(self) -> None:
        with transaction.atomic():
            self.question.slug = RENAMED
            self.question.save()
            model = self.generate(RENAMED)
            with schema_editor() as editor:
                editor.alter_field(self.model, field(self.model, ADDED), field(model, RENAMED))
            self.model = model

    def retire(self) -> None:
        with transaction.atomic():
            self.question.delete()
            model = self.generate()
            with schema_editor() as editor:
                editor.remove_field(self.model, field(self.model, RENAMED))
            self.model = model

    def forget(self) -> None:
        self.survey.delete()

    def generate(self, *more: str) -> type[models.Model]:
        """Generate the class, with more questions than the ten."""
        meta = type("Meta", (), {"apps": Apps(), "app_label": "benchmarks", "db_table": self.table})
        body = {slug: KINDS[kind]() for slug, kind in self.kinds(*more).items()}
        name = f"{self.slug.capitalize()}Response"
        return type(name, (models.Model,), {"__module__": __name__, "Meta": meta, **body})

    def kinds(self, *more: str) -> dict[str, str]:
        """Say what kind each question is of."""
        return TEN_QUESTIONS | dict.fromkeys(more, ADDED_KIND)


def field(model: Any, name: str) -> models.Field:
    """Return a field of a model."""
    found: models.Field = model._meta.get_field(name)
    return found


def schema_editor() -> BaseDatabaseSchemaEditor:
    """Return Django's own editor, as it is without this library, for the open transaction.

    The one for SQLite refuses that, though adding, renaming and dropping a column would work.
    """
    backend = connection.settings_dict["ENGINE"]
    editor: Any = import_module(f"{backend}.schema").DatabaseSchemaEditor
    if connection.vendor == "sqlite":
        entered = BaseDatabaseSchemaEditor
        ways = {"__enter__": entered.__enter__, "__exit__": entered.__exit__}
        editor = type("Inside", (editor,), ways)
    opened: BaseDatabaseSchemaEditor = editor(connection, atomic=False)
    return opened
