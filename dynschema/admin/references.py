"""How a reference to records is filled in: from a list, by typing, or by looking it up.

Django's admin does that for references to models that its site knows. It does not know the dynamic
ones, so their references get the same widgets here, from the pages of the records.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import (
    AutocompleteSelect,
    ForeignKeyRawIdWidget,
    RelatedFieldWidgetWrapper,
)
from django.db.models import Field
from django.forms import Widget
from django.http import HttpRequest, HttpResponse
from django.urls import path

from dynschema.admin.sites import SiteWithRecords


class Found(AutocompleteJsonView):
    """What is offered for something that somebody types, as in the admin of static models."""

    def get_queryset(self) -> Any:
        """Put the records in an order, since they are offered page by page."""
        found = super().get_queryset()
        return found if found.ordered else found.order_by("pk")


class RefersToRecords(ModelAdmin):
    """Pages of a model with references to dynamic models."""

    def get_urls(self) -> list[Any]:
        """Add the page that finds what somebody types."""
        view = self.admin_site.admin_view(self.autocomplete_view)
        return [path("autocomplete/", view, name=self._autocomplete), *super().get_urls()]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Answer as the page of the admin site does, and know the dynamic models too."""
        view: Any = Found.as_view(admin_site=SiteWithRecords(self.admin_site))
        response: HttpResponse = view(request)
        return response

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Let records be found as `autocomplete_fields` and `raw_id_fields` say."""
        widget = self._widget(db_field, request, kwargs.get("using"))
        chosen = {} if widget is None else {"widget": widget}
        return super().formfield_for_foreignkey(db_field, request, **chosen | kwargs)

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Add the links to the pages of a record to the field in which it is chosen."""
        formfield: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        pages: Any = self._pages_behind(db_field)
        wrapped = getattr(formfield, "widget", None)
        if pages is not None and isinstance(wrapped, RelatedFieldWidgetWrapper):
            formfield.widget = RelatedFieldWidgetWrapper(
                wrapped.widget,
                db_field.remote_field,  # type: ignore[arg-type]
                self.admin_site,
                can_add_related=pages.has_add_permission(request),
                can_change_related=pages.has_change_permission(request),
                can_delete_related=pages.has_delete_permission(request),
                can_view_related=pages.has_view_permission(request),
            )
        return formfield

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Allow also the field by which a dynamic model with pages refers to this one."""
        return super().to_field_allowed(request, to_field) or any(
            getattr(each.field.remote_field, "field_name", None) == to_field
            and self._pages(each.related_model)
            for each in self._relations_to_this()
        )

    def _widget(self, db_field: Any, request: Any, using: str | None) -> Widget | None:
        """Return the widget for a reference to records, if it is not the usual list."""
        pages = self._pages_behind(db_field)
        typed = db_field.name in self.get_autocomplete_fields(request)
        if pages is None or not (typed or db_field.name in self.raw_id_fields):
            return None
        if typed and pages.get_search_fields(request):
            select = AutocompleteSelect(db_field, self.admin_site, using=using)
            select.url_name = f"%s:{self._autocomplete}"
            return select
        site: Any = SiteWithRecords(self.admin_site)
        return ForeignKeyRawIdWidget(db_field.remote_field, site, using=using)

    def _pages_behind(self, db_field: Any) -> ModelAdmin | None:
        return self._pages(db_field.related_model) if db_field.remote_field else None

    def _pages(self, model: Any) -> ModelAdmin | None:
        return SiteWithRecords(self.admin_site).record_admin(model)

    def _relations_to_this(self) -> Iterator[Any]:
        fields: Any = self.opts.get_fields(include_hidden=True)
        return (each for each in fields if each.auto_created and not each.concrete)

    @property
    def _autocomplete(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_autocomplete"
