"""What is measured: definitions are saved, and dynschema does the rest."""

import dynschema
from benchmarks.app.kinds import TEN_QUESTIONS
from benchmarks.app.models import Question, Survey
from benchmarks.ways.way import ADDED, ADDED_KIND, RENAMED, Way
from dynschema.models import Table


class Dynamic(Way):
    name = "dynschema"

    def create(self) -> None:
        with dynschema.atomic():
            self.survey = Survey.objects.create(slug=self.slug)
            for slug, kind in TEN_QUESTIONS.items():
                Question.objects.create(survey=self.survey, slug=slug, kind=kind)

    def add(self) -> None:
        self.question = Question(survey=self.survey, slug=ADDED, kind=ADDED_KIND)
        self.question.save()

    def rename(self) -> None:
        self.question.slug = RENAMED
        self.question.save()

    def retire(self) -> None:
        self.question.delete()

    def forget(self) -> None:
        table = Table.objects.get(name=self.table)
        self.survey.delete()
        table.delete()
