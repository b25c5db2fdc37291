"""Finding the page of a model that has just come, beside a process that begins with as many."""

from collections.abc import Iterator

from django.apps.registry import Apps
from django.contrib.admin import AdminSite
from django.db import models
from django.urls import clear_url_caches, path, reverse

from benchmarks.app.models import Survey
from benchmarks.measuring import Contender, measure
from benchmarks.population import grow_to
from benchmarks.results import Line, compared
from benchmarks.ways import Dynamic
from dynschema.admin import DefinitionAdmin

BUDGET = 1.0
FIRST, NEW = "the first reverse(), static", "reverse(), new model"


def measure_addresses(repetitions: int, number: int) -> Iterator[Line]:
    """Measure `reverse()` after a new model beside the first of a site of static models."""
    grow_to(number)
    way, site = Dynamic(), AdminSite()
    site.register(Survey, DefinitionAdmin)
    ours, theirs = (path("", site.urls),), (path("", _static_site(number).urls),)

    def find_new() -> str:
        return reverse(f"admin:benchmarks_{way.slug}response_changelist", ours)

    way.prepare()
    find_new()
    way.clean()
    contenders = [
        Contender(
            FIRST,
            {"find": lambda: reverse("admin:benchmarks_page0_changelist", theirs)},
            clear_url_caches,
        ),
        Contender(NEW, {"find": find_new}, way.prepare, way.clean),
    ]
    measured = measure(contenders, repetitions)
    name = f"reverse() after a new one, {number:,} models"
    yield compared(name, (FIRST, measured[FIRST, "find"]), measured[NEW, "find"], BUDGET)


def _static_site(number: int) -> AdminSite:
    site, registry = AdminSite(), Apps()
    for each in range(number):
        meta = type("Meta", (), {"app_label": "benchmarks", "apps": registry})
        attributes = {"__module__": __name__, "Meta": meta}
        site.register(type(f"Page{each}", (models.Model,), attributes))
    return site
