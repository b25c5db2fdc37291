"""The part of the admin that makes one click one block: saved together, or shown again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.helpers import AdminErrorList
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from dynschema.admin.clicks import SAFE_METHODS, Click, Previewed, Refusal, click_of, preview
from dynschema.admin.sites import SiteWithRecords
from dynschema.blueprints import Blueprint
from dynschema.definitions import Describes, database_of
from dynschema.exceptions import DynschemaError, InvalidNameError, NameTakenError
from dynschema.loading import blueprints
from dynschema.schema.plan import Plan

PREVIEW = "_preview"
"""The name of the button that shows the plan instead of saving."""

View = Callable[[], HttpResponse]


class BlockAdmin(ModelAdmin):
    """Saves rows and changes the tables that they describe as one.

    Attributes:
        blueprint: how the rows become tables; needed only where a model belongs to several.
        role: what the model is to its blueprint, `definition` or `field_definition`.
    """

    blueprint: ClassVar[type[Blueprint] | None] = None
    role: ClassVar[str] = "definition"
    change_form_template = "admin/dynschema/change_form.html"

    def __init__(self, model: type[Model], admin_site: AdminSite) -> None:
        super().__init__(model, admin_site)
        self.described_by = self._find_blueprint()

    @property
    def using(self) -> str:
        """The alias of the database of the rows and their tables."""
        return database_of(self.described_by)

    # One click, one block

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a row, or save it, or preview the plan."""
        view = partial(super().changeform_view, request, object_id, form_url, extra_context)
        return view() if request.method in SAFE_METHODS else self._save(request, view)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List the definitions; run an action on some; save those that were edited in the list."""
        view = partial(super().changelist_view, request, extra_context)
        if request.method in SAFE_METHODS:
            return view()
        click = Click(request)
        try:
            with click.block(self.using):
                return view()
        except DynschemaError as error:
            refusal = Refusal.of(error, click, self._likely_fields(error))
        if refusal.prefix is None:
            return _sent_back(request, refusal)
        return self._list_again(click, refusal, view)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Delete a definition and retire its table."""
        view = partial(super().delete_view, request, object_id, extra_context)
        if request.method in SAFE_METHODS:
            return view()
        click = Click(request)
        try:
            with click.block(self.using):
                return view()
        except DynschemaError as error:
            return _sent_back(request, Refusal.of(error, click, ()))

    def _save(self, request: HttpRequest, view: View) -> HttpResponse:
        click = Click(request)
        try:
            with click.block(self.using) as block:
                response = view()
                if PREVIEW in request.POST and click.forms:
                    preview(block)
                return response
        except Previewed as previewed:
            return self._form_again(click, view, plans=previewed.plans)
        except DynschemaError as error:
            refusal = Refusal.of(error, click, self._likely_fields(error))
            return self._form_again(click, view, refusal=refusal)

    def _form_again(
        self,
        click: Click,
        view: View,
        *,
        refusal: Refusal | None = None,
        plans: list[Plan] | None = None,
    ) -> HttpResponse:
        """Show the form as it was typed, with the error or with the plan."""
        with click.repeated():
            response = view()
        if not isinstance(response, TemplateResponse):
            return response  # The definition is gone by now.
        context = response.context_data or {}
        main = context["adminform"].form
        formsets = [each.formset for each in context["inline_admin_formsets"]]
        if refusal is not None:
            _show(refusal, chain([main], *formsets), main)
        context |= {"errors": AdminErrorList(main, formsets), "plans": plans}
        return response

    def _list_again(self, click: Click, refusal: Refusal, view: View) -> HttpResponse:
        """Show the list as it was edited, with the error in its row."""
        with click.repeated():
            response = view()
        if not isinstance(response, TemplateResponse):
            return _sent_back(click.request, refusal)
        forms = (response.context_data or {})["cl"].formset.forms
        _show(refusal, forms, forms[0])
        return response

    def _likely_fields(self, error: DynschemaError) -> tuple[str, ...]:
        about_name = isinstance(error, (InvalidNameError, NameTakenError))
        return tuple(self.described_by.source_fields) if about_name else ()

    # What Django asks on the way

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return the form; one that is not valid when it is only to be shown again."""
        form = super().get_form(request, *args, **kwargs)
        return _unsavable(form) if _is_repeated(request) else form

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the forms of the list; not valid when they are only to be shown again."""
        formset = super().get_changelist_formset(request, **kwargs)
        return _unsavable(formset) if _is_repeated(request) else formset

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the inline rows, and note which form each row comes from."""
        click = click_of(request)
        if click is not None:
            click.forms += [form, *chain(*map(_saved_forms, formsets))]
        super().save_related(request, form, formsets, change)

    def message_user(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Tell the user; that something worked only after it has."""
        click = click_of(request)
        if click is None:
            super().message_user(request, *args, **kwargs)
        else:
            click.announcements.append(partial(super().message_user, request, *args, **kwargs))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """List what goes as well, records of dynamic models with their links and permissions."""
        return SiteWithRecords(self.admin_site).deleted_objects(objs, request)

    def _find_blueprint(self) -> Describes:
        if self.blueprint is not None:
            return blueprints[self.blueprint.label]
        found = [each for each in blueprints.values() if getattr(each, self.role) is self.model]
        if len(found) != 1:
            raise ImproperlyConfigured(
                f"{self.opts.label} is the {self.role} of {len(found)} blueprints; "
                f"name the one that counts as `blueprint` of {type(self).__name__}."
            )
        return found[0]


def _is_repeated(request: HttpRequest) -> bool:
    click = click_of(request)
    return click is not None and click.is_over


def _unsavable(forms: type[Any]) -> type[Any]:
    """Return the class of a form, or of several, that shows what was typed and cannot be saved."""

    class Shown(forms):
        def is_valid(self) -> bool:
            super().is_valid()  # It finds the errors to show.
            return False

    return Shown


def _saved_forms(formset: Any) -> Iterable[Any]:
    return (each for each in formset.forms if each not in formset.deleted_forms)


def _show(refusal: Refusal, forms: Iterable[Any], otherwise: Any) -> None:
    refusal.show_on(next(filter(refusal.is_about, forms), otherwise))


def _sent_back(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return to the page of the click with the error as a message."""
    messages.error(request, refusal.message)
    return HttpResponseRedirect(request.get_full_path())
