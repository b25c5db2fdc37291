"""The admin pages "Manage migrations": how mass migrations stand, and starting them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from dynschema.evolution.admin.panels import REFRESH_SECONDS, RunPanel, may, page_url
from dynschema.evolution.conf import configuration
from dynschema.evolution.engines.choice import engine_named
from dynschema.evolution.launching import Options
from dynschema.evolution.massmigrations.api import (
    get_all_migrations,
    get_migration,
    initiate_migration,
)
from dynschema.evolution.massmigrations.exceptions import UnknownMigrationError
from dynschema.evolution.massmigrations.loader import key_of
from dynschema.evolution.massmigrations.migrations import BaseMigration
from dynschema.evolution.massmigrations.records import MigrationRecord, known_records_of
from dynschema.exceptions import DynschemaError

if TYPE_CHECKING:
    from dynschema.evolution.admin.runs import RunAdmin

TEMPLATES = "admin/dynschema_evolution/massmigrations"


@dataclass(frozen=True)
class Row:
    """A mass migration on one database, as the pages show it."""

    migration: BaseMigration
    record: MigrationRecord
    panel: RunPanel | None


class MigrationPages:
    """The pages, as part of the admin of runs."""

    def __init__(self, runs: RunAdmin) -> None:
        self._runs = runs
        self._site = runs.admin_site

    def urls(self) -> list[URLPattern]:
        """Give the addresses; their names are those that users of massmigration know."""
        wrap, place = self._site.admin_view, "massmigrations/<str:key>/<str:db_alias>/"
        return [
            path("massmigrations/", wrap(self.manage), name="massmigration_manage"),
            path(place, wrap(self.detail), name="massmigration_detail"),
            path(f"{place}run/", wrap(self.run), name="massmigration_run"),
        ]

    def manage(self, request: HttpRequest) -> HttpResponse:
        """List all mass migrations, on each database on which they may run."""
        self._require(request, "view")
        try:
            rows = self._rows(request)
        except DynschemaError as error:
            messages.error(request, str(error))
            rows = []
        _tell_problems(request, rows)
        moving = any(row.panel and row.panel.refresh_seconds for row in rows)
        refresh = REFRESH_SECONDS if moving else None
        title = _("Manage migrations")
        return self._page(request, "manage", title=title, rows=rows, refresh_seconds=refresh)

    def detail(self, request: HttpRequest, key: str, db_alias: str) -> HttpResponse:
        """Show one, with its progress and its errors."""
        self._require(request, "view")
        migration = _migration(key, db_alias)
        row = self._row(request, migration, _record(key, db_alias))
        dependencies = [_record(key_of(each), db_alias) for each in migration.dependencies]
        _tell_problems(request, [row])
        refresh = row.panel and row.panel.refresh_seconds
        return self._page(
            request,
            "detail",
            title=key,
            row=row,
            dependencies=dependencies,
            refresh_seconds=refresh,
        )

    def run(self, request: HttpRequest, key: str, db_alias: str) -> HttpResponse:
        """Ask whether to start one, and start it."""
        self._require(request, "add")
        migration = _migration(key, db_alias)
        if request.method != "POST":
            engine = migration.backend or configuration().engine
            at_once = engine_named(engine).executes_at_once()
            row = self._row(request, migration, _record(key, db_alias))
            return self._page(request, "run", title=key, row=row, engine=engine, at_once=at_once)
        try:
            self._start(request, migration, db_alias)
        except DynschemaError as error:
            messages.error(request, str(error))
        url = page_url(self._site, "massmigration_detail", key, db_alias)
        return HttpResponseRedirect(url)

    def _start(self, request: HttpRequest, migration: BaseMigration, db_alias: str) -> None:
        options = Options(triggered_by=request.user.get_username())
        record = initiate_migration(migration, db_alias, options)
        if record.has_error:
            messages.error(request, f"{migration.key}: {record.last_error}")
        else:
            facts = {"name": migration.key, "status": record.in_words}
            messages.success(request, _("%(name)s: %(status)s.") % facts)

    def _rows(self, request: HttpRequest) -> list[Row]:
        migrations = get_all_migrations()
        places = {each.key: each.get_allowed_db_aliases() for each in migrations}
        aliases = dict.fromkeys(alias for several in places.values() for alias in several)
        records = {alias: known_records_of(places, alias) for alias in aliases}
        return [
            self._row(request, each, records[alias][each.key])
            for each in migrations
            for alias in places[each.key]
        ]

    def _row(self, request: HttpRequest, migration: BaseMigration, record: MigrationRecord) -> Row:
        run = record.run
        panel = RunPanel(run, self._site, request) if run is not None else None
        return Row(migration, record, panel)

    def _page(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        request.current_app = self._site.name
        context |= {
            **self._site.each_context(request),
            "may_run": may(request, "add"),
            "next": request.get_full_path(),
        }
        return TemplateResponse(request, f"{TEMPLATES}/{name}.html", context)

    def _require(self, request: HttpRequest, verb: str) -> None:
        allowed = self._runs.has_view_permission(request) if verb == "view" else may(request, verb)
        if not allowed:
            raise PermissionDenied


def _tell_problems(request: HttpRequest, rows: list[Row]) -> None:
    for problem in dict.fromkeys(row.record.problem for row in rows if row.record.problem):
        messages.error(request, problem)


def _record(key: str, db_alias: str) -> MigrationRecord:
    return known_records_of([key], db_alias)[key]


def _migration(key: str, db_alias: str) -> BaseMigration:
    try:
        migration = get_migration(key)
    except UnknownMigrationError as error:
        raise Http404(str(error)) from error
    if db_alias not in migration.get_allowed_db_aliases():
        raise Http404(f"{key} does not run on {db_alias}.")
    return migration
