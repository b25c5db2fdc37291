"""The admin of definitions, with what is known of their tables, and of field definitions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.admin import ModelAdmin, display
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from dynschema.admin.blocks import BlockAdmin
from dynschema.admin.panels import TablePanel, records_column, records_of
from dynschema.admin.records import RecordAdmin
from dynschema.admin.urls import RecordUrls


class FieldDefinitionAdmin(BlockAdmin):
    """For field definitions that have pages of their own, and not only rows in the definition's.

    A refused change stores nothing and shows the form again, with the error where it belongs.
    """

    role = "field_definition"


class DefinitionAdmin(BlockAdmin):
    """Saves definitions and changes their tables as one: one click, one transaction, one plan.

    A refused change stores nothing and shows the form again, with the error where it belongs. Put
    "records" into `list_display` to link to the records of each definition.

    Attributes:
        record_admin_class: the class of the pages for the records.
    """

    record_admin_class: ClassVar[type[ModelAdmin]] = RecordAdmin

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a definition with what is known of its table, or save it, or preview the plan."""
        response = super().changeform_view(request, object_id, form_url, extra_context)
        if isinstance(response, TemplateResponse):
            context = response.context_data or {}
            context["table"] = TablePanel(self, request, context.get("original"))
        return response

    def get_urls(self) -> list[Any]:
        """Add the pages of the records to those of the definitions."""
        return [RecordUrls(self), *super().get_urls()]

    def get_record_admin(self, model: type[Model]) -> ModelAdmin:
        """Return what makes the pages of one dynamic model; asked once for each class."""
        return self.record_admin_class(model, self.admin_site)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Let the column "records" know who is looking."""
        linked = records_column(self, request)
        return [linked if each == "records" else each for each in super().get_list_display(request)]

    @display(description=_("Records"))
    def records(self, definition: Model) -> int | None:
        """Return how many records a definition has; in the list of definitions it is a link."""
        found = records_of(self, definition)
        return found.count if found else None
