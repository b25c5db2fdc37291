"""The upper floor for a program that has no questions in memory: it reads them for each class."""

from benchmarks.app.models import BareQuestion
from benchmarks.ways.bare import Bare


class Reading(Bare):
    name = "bare Django, read"

    def kinds(self, *more: str) -> dict[str, str]:
        questions = BareQuestion.objects.filter(survey=self.survey).order_by("pk")
        return dict(questions.values_list("slug", "kind"))
