"""The filters of the list of runs; none of them asks a database for its choices."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from dynschema.evolution.registry import kinds
from dynschema.evolution.run_tables import databases_with_runs


class DatabaseFilter(SimpleListFilter):
    """Shows the runs of another database; there is no list over several."""

    title = _("database")
    parameter_name = "using"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the databases with runs, if there are several."""
        return [(alias, alias) for alias in databases_with_runs()]

    def has_output(self) -> bool:
        """Tell whether there is a choice."""
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Ask the chosen database."""
        known = [alias for alias, _label in self.lookup_choices]
        return queryset.using(self.value()) if self.value() in known else queryset


class KindFilter(SimpleListFilter):
    """Shows the runs of one door."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the kinds that are known to this process."""
        return [(kind, kind) for kind in kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the runs of the chosen kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset
