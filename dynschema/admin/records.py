"""The admin of records: pages for a dynamic model like those of any other, made from its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from hashlib import blake2b
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db import DatabaseError, connections, models, router, transaction
from django.db.models import Field, Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from dynschema import freshness, history
from dynschema.admin.references import RefersToRecords
from dynschema.admin.sites import SiteWithRecords
from dynschema.runtime.build import key_of

MOST_COLUMNS = 7
"""More of them do not fit on a screen."""

FIELDS = "_fields"
"""The name of the input that tells for which fields a form was made."""

View = Callable[..., HttpResponse]


def _excused(view: View) -> View:
    """Let a page say that its table is gone, or has changed, instead of failing."""

    @wraps(view)
    def excused(admin: ModelAdmin, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        using = router.db_for_write(admin.model)
        try:
            with transaction.atomic(using):
                return view(admin, request, *args, **kwargs)
        except DatabaseError as error:
            if not _has_table(using, admin.model):
                raise Http404(f'The table "{admin.model._meta.db_table}" is gone.') from error
            if _is_current(using, admin.model):
                raise
            return _look_again(request)

    return excused


def _look_again(request: HttpRequest) -> HttpResponse:
    messages.error(request, _("The table was changed in the meantime. Please look again."))
    return HttpResponseRedirect(request.get_full_path())


def _has_table(using: str, model: type[Model]) -> bool:
    return model._meta.db_table in connections[using].introspection.table_names()


def _is_current(using: str, model: type[Model]) -> bool:
    """Ask the database, which this request has done only once before."""
    snapshot = freshness.at_epoch(using, history.read_epoch(using))
    return snapshot.models.get(key_of(model)) is model


def fields_print(model: type[Model]) -> str:
    """Return a digest of which field is which: no two ever had the same column."""
    columns = sorted((each.name, each.column) for each in model._meta.concrete_fields)
    return blake2b(repr(columns).encode(), digest_size=16).hexdigest()


def _outdated(form: type[Any]) -> type[Any]:
    """Return the class of a form that was filled in before a field got another name, or came."""

    class Outdated(form):
        def clean(self) -> Any:
            self.add_error(None, _("The table was changed in the meantime. Please look again."))
            return super().clean()

    return Outdated


class RecordAdmin(RefersToRecords):
    """Pages for the records of one dynamic model.

    Subclass it and name the subclass as `record_admin_class` of a `DefinitionAdmin` to change them.
    """

    change_form_template = "admin/dynschema/record_form.html"

    changelist_view = _excused(ModelAdmin.changelist_view)
    changeform_view = _excused(ModelAdmin.changeform_view)
    delete_view = _excused(ModelAdmin.delete_view)
    history_view = _excused(ModelAdmin.history_view)
    autocomplete_view = _excused(RefersToRecords.autocomplete_view)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show the primary key and the first fields."""
        if tuple(self.list_display) != ("__str__",):
            return self.list_display
        fields = (each.name for each in self.opts.concrete_fields if not each.primary_key)
        return [self.opts.pk.name, *fields][:MOST_COLUMNS]

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Offer the fields with few values."""
        return self.list_filter or [each.name for each in self._fields() if _has_few_values(each)]

    def get_search_fields(self, request: HttpRequest) -> Any:
        """Search in all texts."""
        texts = (models.CharField, models.TextField)
        return self.search_fields or [
            each.name for each in self._fields() if isinstance(each, texts)
        ]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """List what goes as well, records of dynamic models with their links and permissions."""
        return SiteWithRecords(self.admin_site).deleted_objects(objs, request)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return the form; one that is not valid when it was filled in for other fields."""
        form = super().get_form(request, *args, **kwargs)
        present = fields_print(self.model)
        return form if request.POST.get(FIELDS, present) == present else _outdated(form)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the form, which remembers for which fields it is."""
        context["fields_print"] = fields_print(self.model)
        return super().render_change_form(request, context, *args, **kwargs)

    def _fields(self) -> Iterator[Field[Any, Any]]:
        return iter(self.opts.concrete_fields)


def _has_few_values(field: Field[Any, Any]) -> bool:
    return bool(field.choices) or isinstance(field, models.BooleanField)
