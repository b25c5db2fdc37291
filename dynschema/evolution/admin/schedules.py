"""The admin of schedules: when each is due, how it went, and buttons to run or stop it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import ModelAdmin, action, display
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from dynschema.evolution.admin.panels import RunPanel, page_url
from dynschema.evolution.models import Run
from dynschema.evolution.schedules.calls import KIND
from dynschema.evolution.schedules.cron import checked_line, zone_named
from dynschema.evolution.schedules.models import Task
from dynschema.evolution.statuses import Status
from dynschema.exceptions import DynschemaError

RUNS_SHOWN = 10


class ScheduleForm(ModelForm):
    """Says at its field what would not work."""

    def clean_schedule(self) -> str:
        """Refuse a line that cannot be read."""
        return str(_said(lambda: checked_line(self.cleaned_data["schedule"])))

    def clean_timezone(self) -> str:
        """Refuse a zone that does not exist."""
        name = str(self.cleaned_data["timezone"])
        _said(lambda: zone_named(name))
        return name

    def clean_userdata(self) -> dict[str, Any]:
        """Refuse data with which nothing could be called."""
        data = self.cleaned_data["userdata"]
        as_given = Task(label=self.instance.label, funcinfo=self.instance.funcinfo, userdata=data)
        _said(as_given.check_call)
        return dict(data)


class ScheduleAdmin(ModelAdmin):
    """Shows schedules and changes when they run. Code makes them, since only code names code.

    Permissions: `view_task` to look, `change_task` to change them and for the buttons,
    `delete_task`.
    """

    form = ScheduleForm
    list_display = ("label", "schedule", "state", "next_run", "last_run", "last_outcome")
    list_filter = ("enabled", "next_run", "last_run")
    search_fields = ("label",)
    actions = ("run_now", "enable", "disable")
    change_form_template = "admin/dynschema_evolution/task/change_form.html"
    readonly_fields = (
        "label",
        "callee",
        "state",
        "next_run",
        "last_run",
        "run_count",
        "last_error",
        "created_at",
        "modified_at",
    )
    fieldsets = (
        (None, {"fields": ("label", "callee", "userdata")}),
        (None, {"fields": ("schedule", "timezone", "enabled", "allow_overlap")}),
        (None, {"fields": ("start_running", "end_running", "wait_for_schedule")}),
        (None, {"fields": ("iterations", "run_count", "delete_when_done")}),
        (None, {"fields": ("state", "next_run", "last_run", "last_error")}),
    )
    controls: ClassVar[dict[str, Any]] = {
        "run": gettext_lazy("Run now"),
        "enable": gettext_lazy("Enable"),
        "disable": gettext_lazy("Disable"),
    }

    @display(description=gettext_lazy("calls"))
    def callee(self, task: Task) -> str:
        """Name what is called, and on which instance."""
        info = task.funcinfo
        instance = f" ({info['model_pk']})" if "model_pk" in info else ""
        return f"{info['func_path']}{instance}"

    @display(description=gettext_lazy("state"))
    def state(self, task: Task) -> str:
        """Say in a word whether it will run."""
        if task.last_error:
            return _("error")
        if task.enabled:
            return _("enabled")
        return _("finished") if task.finished_at else _("disabled")

    @display(description=gettext_lazy("last outcome"))
    def last_outcome(self, task: Any) -> str:
        """Say how its last run stands."""
        return str(Status(task.last_status).label) if task.last_status else "-"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody types the path of code into a form."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Read the status of the last run along."""
        runs = Run.objects.filter(kind=KIND, name=OuterRef("label")).order_by("-created_at")
        last = Subquery(runs.values("status")[:1])
        rows: QuerySet[Any] = super().get_queryset(request).annotate(last_status=last)
        return rows

    # Pages

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the buttons."""
        view = self.admin_site.admin_view(self.control_view)
        control = path("<int:pk>/control/", view, name="dynschema_evolution_task_control")
        return [control, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a schedule with its last runs."""
        task = self.get_object(request, object_id)
        context = {**(extra_context or {}), **(self._panel(request, task) if task else {})}
        return super().change_view(request, object_id, form_url, context)

    @method_decorator(require_POST)
    def control_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Run, enable or disable one."""
        task = self.get_object(request, str(pk))
        wanted = request.POST.get("action", "")
        if task is None:
            raise Http404(f"There is no schedule {pk}.")
        if not self.has_change_permission(request, task):
            raise PermissionDenied
        if wanted not in self.controls:
            raise BadRequest(f'"{wanted}" is nothing that can be done with a schedule.')
        self._control(request, task, wanted)
        return HttpResponseRedirect(self._page(task, "change"))

    # Actions on the list

    @action(description=gettext_lazy("Run now"), permissions=["change"])
    def run_now(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        """Run the chosen schedules."""
        self._control_all(request, queryset, "run")

    @action(description=gettext_lazy("Enable"), permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        """Enable the chosen schedules."""
        self._control_all(request, queryset, "enable")

    @action(description=gettext_lazy("Disable"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        """Disable the chosen schedules."""
        self._control_all(request, queryset, "disable")

    def _control_all(self, request: HttpRequest, queryset: QuerySet[Task], wanted: str) -> None:
        for task in queryset:
            self._control(request, task, wanted)

    def _control(self, request: HttpRequest, task: Task, wanted: str) -> None:
        try:
            done = self._run(request, task) if wanted == "run" else _switch(task, wanted)
        except DynschemaError as error:
            messages.error(request, str(error))
        else:
            self.log_change(request, task, wanted)
            messages.success(request, f"{task.label}: {done}.")

    def _run(self, request: HttpRequest, task: Task) -> str:
        return str(task.run_asap(triggered_by=request.user.get_username()).get_status_display())

    def _panel(self, request: HttpRequest, task: Task) -> dict[str, Any]:
        runs = [RunPanel(run, self.admin_site, request) for run in task.runs[:RUNS_SHOWN]]
        unwanted = "enable" if task.enabled else "disable"
        buttons = [pair for pair in self.controls.items() if pair[0] != unwanted]
        allowed = self.has_change_permission(request, task)
        return {
            "runs": runs,
            "buttons": buttons if allowed else [],
            "control_url": self._page(task, "control"),
        }

    def _page(self, task: Task, view: str) -> str:
        return page_url(self.admin_site, f"dynschema_evolution_task_{view}", task.pk)


def _switch(task: Task, wanted: str) -> str:
    task.enabled = wanted == "enable"
    task.save()
    if wanted == "enable" and not task.enabled:
        return _("finished; raise its iterations or move its end")
    return _("enabled") if task.enabled else _("disabled")


def _said(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except DynschemaError as error:
        raise ValidationError(error.message) from error
