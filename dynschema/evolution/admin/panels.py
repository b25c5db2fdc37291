"""What a page shows of a run: status, progress, errors, and what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dynschema.evolution.models import Run, RunFailure
from dynschema.evolution.progress import Progress, progress_of

FAILURES_SHOWN = 20

REFRESH_SECONDS = 3
"""How often a page about a run that is under way loads itself again."""

LABELS = {"pause": _("Pause"), "resume": _("Resume"), "cancel": _("Cancel")}
"""Of the buttons."""


@dataclass(frozen=True)
class RunPanel:
    """A run as the template `admin/dynschema_evolution/panel.html` shows it."""

    run: Run
    site: AdminSite
    request: HttpRequest

    @property
    def progress(self) -> Progress:
        """Counts, rate, and the time that is left."""
        return progress_of(self.run)

    @property
    def actions(self) -> list[tuple[str, object]]:
        """The buttons: what is allowed in this status, and to this user."""
        if not may(self.request, "change"):
            return []
        return [(action, LABELS[action]) for action in self.run.allowed_actions]

    @property
    def failures(self) -> list[RunFailure]:
        """The first failed items."""
        return list(self.run.failures.using(self.run.database)[:FAILURES_SHOWN])

    @property
    def hidden_failures(self) -> int:
        """How many there are besides these."""
        return max(0, self.run.failed_count - FAILURES_SHOWN)

    @property
    def url(self) -> str:
        """The page of the run."""
        return self._url("change")

    @property
    def control_url(self) -> str:
        """Where the buttons lead."""
        return self._url("control")

    @property
    def others_url(self) -> str:
        """The list of all runs of the same work."""
        query = {"kind": self.run.kind, "name": self.run.name, "using": self.run.database}
        return f"{page_url(self.site, 'dynschema_evolution_run_changelist')}?{urlencode(query)}"

    @property
    def refresh_seconds(self) -> int | None:
        """After how long the page is to load itself again; None when nothing moves."""
        stands_still = self.run.has_ended or self.run.status == "paused"
        return None if stands_still else REFRESH_SECONDS

    def _url(self, view: str) -> str:
        return page_url(self.site, f"dynschema_evolution_run_{view}", self.run.pk)


def page_url(site: AdminSite, name: str, *arguments: object) -> str:
    """Return the address of a page of an admin site."""
    return reverse(f"admin:{name}", args=arguments, current_app=site.name)


def may(request: HttpRequest, verb: str) -> bool:
    """Tell whether the user may view, add (launch), change (control) or delete runs."""
    return request.user.has_perm(f"dynschema_evolution.{verb}_run")
