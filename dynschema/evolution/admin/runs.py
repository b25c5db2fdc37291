"""The admin of runs: a list with filters, a page for each, and buttons for what is allowed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin, display
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dynschema.evolution.admin.filters import DatabaseFilter, KindFilter
from dynschema.evolution.admin.massmigrations import MigrationPages
from dynschema.evolution.admin.panels import RunPanel, may
from dynschema.evolution.control import cancel, pause, resume
from dynschema.evolution.models import Run
from dynschema.evolution.progress import progress_of
from dynschema.evolution.run_tables import databases_with_runs
from dynschema.exceptions import DynschemaError

CONTROLS: dict[str, Callable[[Run], None]] = {"pause": pause, "resume": resume, "cancel": cancel}


class RunAdmin(ModelAdmin):
    """Shows runs. They are launched elsewhere and never edited; ended ones may be deleted.

    Permissions: `view_run` to look, `change_run` for the buttons, `add_run` to start mass
    migrations, `delete_run`.
    """

    list_display = (
        "name",
        "kind",
        "status",
        "progress",
        "triggered_by",
        "created_at",
        "ended_at",
        "error_class",
    )
    list_filter = (DatabaseFilter, KindFilter, "status", "dry_run", "created_at")
    search_fields = ("name", "triggered_by", "error_class", "error_message")
    actions = None
    change_form_template = "admin/dynschema_evolution/run/change_form.html"
    change_list_template = "admin/dynschema_evolution/run/change_list.html"
    fieldsets = (
        (None, {"fields": ("name", "kind", "database", "context", "arguments", "triggered_by")}),
        (None, {"fields": ("created_at", "started_at", "ended_at", "next_attempt_at", "message")}),
        (None, {"fields": ("on_error", "dry_run", "batch_size", "cursor", "end", "attempts")}),
        (None, {"fields": ("engine", "engine_id", "generation", "heartbeat_at")}),
    )

    @display(description="progress")
    def progress(self, run: Run) -> str:
        """Say how far a run has come."""
        return str(progress_of(run))

    # Nothing is edited here

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Runs are launched, and not filled in."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Runs are controlled, and not edited."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may control runs may look at them."""
        return may(request, "view") or may(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What has not ended is cancelled first."""
        return may(request, "delete") and (obj is None or obj.has_ended)

    # Pages

    def get_urls(self) -> list[URLPattern]:
        """Add the control of runs and the pages of mass migrations."""
        control = path(
            "<uuid:run_pk>/control/",
            self.admin_site.admin_view(self.control_view),
            name="dynschema_evolution_run_control",
        )
        return [*MigrationPages(self).urls(), control, *super().get_urls()]

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Find a run, in whichever database it is."""
        try:
            key = Run._meta.pk.to_python(object_id)
        except ValidationError:
            return None
        rows = (Run.objects.using(alias).filter(pk=key) for alias in databases_with_runs())
        return next((run for found in rows for run in found), None)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a run."""
        run = self.get_object(request, object_id)
        panel = RunPanel(run, self.admin_site, request) if run is not None else None
        context = {**(extra_context or {}), "panel": panel}
        return super().change_view(request, object_id, form_url, context)

    @method_decorator(require_POST)
    def control_view(self, request: HttpRequest, run_pk: Any) -> HttpResponse:
        """Pause, resume or cancel a run."""
        run = self.get_object(request, str(run_pk))
        action = request.POST.get("action", "")
        if not may(request, "change"):
            raise PermissionDenied
        if run is None:
            raise Http404(f"There is no run {run_pk}.")
        if action not in CONTROLS:
            raise BadRequest(f'"{action}" is nothing that can be done with a run.')
        self._control(request, run, action)
        return HttpResponseRedirect(self._next_page(request, run))

    def _control(self, request: HttpRequest, run: Run, action: str) -> None:
        try:
            CONTROLS[action](run)
        except DynschemaError as error:
            messages.error(request, str(error))
        else:
            self.log_change(request, run, action)
            done = _("%(name)s: %(status)s.") % {"name": run.name, "status": run.status}
            messages.success(request, done)

    def _next_page(self, request: HttpRequest, run: Run) -> str:
        wanted = request.POST.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(
            wanted, {request.get_host()}, require_https=request.is_secure()
        )
        return wanted if is_ours else RunPanel(run, self.admin_site, request).url
