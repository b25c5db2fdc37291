"""What a page about a definition tells of its table: the records, what is retired, the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin import display
from django.db import DatabaseError, transaction
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from dynschema import freshness
from dynschema.admin.sites import KeepsRecords, record_admin_of
from dynschema.loading import quarantine
from dynschema.models import Change, Field, State, Table
from dynschema.schema.operations import operation_from_json

LATEST = 50
"""Changes shown; `manage.py dynschema history` has all of them."""


@dataclass(frozen=True)
class PastChange:
    """One change as the page shows it."""

    made_at: datetime
    actor: str
    steps: list[str]
    sql: str
    duration_ms: float


class TablePanel:
    """The table of one definition; whatever the page does not show is not asked for."""

    def __init__(self, owner: KeepsRecords, request: HttpRequest, definition: Model | None) -> None:
        self._owner = owner
        self._request = request
        self._definition = definition

    @cached_property
    def records(self) -> Records | None:
        """The records, if there are any that this user may see."""
        found = records_of(self._owner, self._definition)
        return found if found and found.may_be_seen(self._request) else None

    @cached_property
    def broken(self) -> str:
        """Why the definition has no class; empty when it has one, or needs none."""
        if self._definition is None:
            return ""
        error = quarantine.get(self._owner.described_by.key(self._definition))
        return str(getattr(error, "message", error or ""))

    @cached_property
    def retired_fields(self) -> list[str]:
        """The names of the fields that are no longer in use, and whose values are kept."""
        retired = Field.objects.using(self._owner.using).filter(state=State.RETIRED)
        return list(retired.filter(table=self._table).order_by("id").values_list("name", flat=True))

    @cached_property
    def changes(self) -> list[PastChange]:
        """What was done to the table, the latest first."""
        changes = Change.objects.using(self._owner.using).filter(table=self._table)
        return list(map(_past, changes[:LATEST]))

    @cached_property
    def _table(self) -> Table | None:
        if self._definition is None:
            return None
        label, pk = self._owner.described_by.label, str(self._definition.pk)
        tables = Table.objects.using(self._owner.using)
        return tables.filter(blueprint=label, definition=pk).first()


@dataclass(frozen=True)
class Records:
    """The records of one definition."""

    owner: KeepsRecords
    model: Any

    def may_be_seen(self, request: HttpRequest) -> bool:
        """True for those who have the permission for this dynamic model."""
        return record_admin_of(self.owner, self.model).has_view_or_change_permission(request)

    @property
    def url(self) -> str:
        """The address of their list."""
        site, meta = self.owner.admin_site.name, self.model._meta
        return reverse(f"{site}:{meta.app_label}_{meta.model_name}_changelist", current_app=site)

    @property
    def link(self) -> str:
        """A link to their list that says how many there are."""
        count = _("unreadable") if self.count is None else self.count
        return format_html('<a href="{}">{}</a>', self.url, count)

    @cached_property
    def count(self) -> int | None:
        """How many there are; None when the table cannot be read."""
        using = self.owner.using
        try:
            with transaction.atomic(using):
                count: int = self.model._base_manager.using(using).count()
        except DatabaseError:
            return None
        return count


def records_of(owner: KeepsRecords, definition: Model | None) -> Records | None:
    """Return the records of a definition; None when it has no class now."""
    if definition is None:
        return None
    key = owner.described_by.key(definition)
    model = freshness.current(owner.using).models.get(key)
    return None if model is None else Records(owner, model)


def records_column(owner: KeepsRecords, request: HttpRequest) -> Callable[[Model], Any]:
    """Return a column for the list of definitions: how many records, as a link to them.

    It stays empty for a definition without a class, and for people who may not see its records.
    """

    @display(description=_("Records"))
    def records(definition: Model) -> Any:
        found = records_of(owner, definition)
        if found is None or not found.may_be_seen(request):
            return None
        return found.link

    return records


def _past(change: Change) -> PastChange:
    return PastChange(
        made_at=change.made_at,
        actor=change.actor,
        steps=[operation_from_json(each).describe() for each in change.operations],
        sql=change.sql,
        duration_ms=change.duration_ms,
    )
