"""Lets Django's own look-ups find the dynamic models of an app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from django.apps import AppConfig, apps
from django.db import models

from dynschema.runtime.model_apps import forget_all_models
from dynschema.runtime.registry import Registry
from dynschema.runtime.snapshot import Snapshot

EnsureFresh = Callable[[], Snapshot | None]
"""Brings this process to the current epoch; may return a snapshot to use for the published one."""


def install(
    app_label: str,
    registry: Registry,
    ensure_fresh: EnsureFresh,
    ensure_known: EnsureFresh | None = None,
) -> None:
    """Let the config of an installed app know its dynamic models.

    `apps.get_model`, content types, permissions, `dumpdata` and `flush` ask the config; so does
    Django when it collects the relations among all models. Installing again replaces the hooks.

    Args:
        app_label: the app that owns the dynamic models.
        registry: where the models are.
        ensure_fresh: called before a name is looked up that no static model has.
        ensure_known: called before all models of the app are listed, as long as none was ever
            published; `ensure_fresh` unless given.
    """
    uninstall(app_label)
    config = apps.get_app_config(app_label)
    for name, method in look_ups(
        config, registry, ensure_fresh, ensure_known or ensure_fresh
    ).items():
        setattr(config, name, method)
    forget_all_models()


def uninstall(app_label: str) -> None:
    """Leave the config of an app as Django made it."""
    config = apps.get_app_config(app_label)
    for name in ("get_model", "get_models"):
        vars(config).pop(name, None)
    forget_all_models()


def look_ups(
    config: AppConfig, registry: Registry, ensure_fresh: EnsureFresh, ensure_known: EnsureFresh
) -> dict[str, Callable[..., Any]]:
    """Give the methods that take the place of those of the config's class."""
    static_model, static_models = config.get_model, config.get_models

    def get_model(model_name: str, require_ready: bool = True) -> type[models.Model]:
        """Return the static or dynamic model with that name, in any case."""
        try:
            return static_model(model_name, require_ready)
        except LookupError:
            current = ensure_fresh() or registry.snapshot
            dynamic = current.model(config.label, model_name)
            if dynamic is None:
                raise
            return dynamic

    def get_models(
        *asked_by_apps: bool, include_auto_created: bool = False, include_swapped: bool = False
    ) -> Iterator[type[models.Model]]:
        """Yield the static models, and the dynamic ones to those who should see them.

        `Apps.get_models` passes its arguments by position, all others by name. Of the former, only
        the one who collects relations asks for auto-created models; the autodetector, the system
        checks and the shell do not, and must not see what no migration and no module has. Of the
        latter, only the one who clears the caches of Django asks for them, and must cause no query;
        `dumpdata` and `flush` do not, and must not leave out what nobody has asked for so far.
        """
        static = (
            static_models(*asked_by_apps)
            if asked_by_apps
            else static_models(
                include_auto_created=include_auto_created, include_swapped=include_swapped
            )
        )
        wants_all = not asked_by_apps and not include_auto_created
        is_first = wants_all and apps.ready and registry.snapshot.epoch is None
        current = (ensure_known() if is_first else None) or registry.snapshot
        seen = not asked_by_apps or asked_by_apps[0]
        return chain(static, current.models_of(config.label) if seen else ())

    return {"get_model": get_model, "get_models": get_models}
