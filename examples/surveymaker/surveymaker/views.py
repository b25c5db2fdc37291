"""The public pages: all surveys, one to answer, its thanks, its results."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.db import OperationalError, ProgrammingError, models, transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from dynschema.exceptions import DefinitionError
from surveymaker.charts import build_charts
from surveymaker.forms import answer_form, questions_print
from surveymaker.models import Survey

CHANGED = "The survey was changed while you answered. Please look again."

Page = Callable[[HttpRequest, Survey, type[models.Model]], HttpResponse]


def surveys(request: HttpRequest) -> HttpResponse:
    return render(request, "surveymaker/surveys.html", {"surveys": Survey.objects.all()})


def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    survey = get_object_or_404(Survey, slug=slug)
    return render(request, "surveymaker/thanks.html", {"survey": survey})


def with_current_class(page: Page) -> Callable[[HttpRequest, str], HttpResponse]:
    """Give a page the survey and its class, or say that the survey cannot be shown now."""

    @wraps(page)
    def view(request: HttpRequest, slug: str) -> HttpResponse:
        survey = get_object_or_404(Survey, slug=slug)
        try:
            model = survey.Response
        except DefinitionError as error:
            context = {"survey": survey, "reason": error.message}
            return render(request, "surveymaker/unavailable.html", context, status=503)
        return page(request, survey, model)

    return view


@with_current_class
def answer(request: HttpRequest, survey: Survey, model: type[models.Model]) -> HttpResponse:
    form = answer_form(model)(request.POST or None)
    questions = questions_print(model)
    if request.POST.get("_questions", questions) != questions:
        form.add_error(None, CHANGED)
    if request.method == "POST":
        try:
            with transaction.atomic():
                is_saved = save_answer(request, form)
        except (OperationalError, ProgrammingError):
            # A column is not there any more; the next request has the class that knows.
            messages.warning(request, CHANGED)
            return redirect("answer", survey.slug)
        if is_saved:
            return redirect("thanks", survey.slug)
    context = {"survey": survey, "form": form, "questions": questions}
    return render(request, "surveymaker/answer.html", context)


def save_answer(request: HttpRequest, form: ModelForm) -> bool:
    """Save the record if it is valid; either may ask for a column."""
    if not form.is_valid():
        return False
    if request.user.is_authenticated:
        form.instance.respondent = request.user
    form.instance.save()
    return True


@with_current_class
def results(request: HttpRequest, survey: Survey, model: type[models.Model]) -> HttpResponse:
    context = {
        "survey": survey,
        "total": model._default_manager.count(),
        "charts": build_charts(model),
    }
    return render(request, "surveymaker/results.html", context)
