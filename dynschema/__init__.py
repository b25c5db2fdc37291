"""Lets people change their own tables while a Django site runs; nothing is lost.

The public names are loaded when they are first asked for: Django imports this package before
any model may be imported.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dynschema.blocks import atomic
    from dynschema.blueprints import Blueprint
    from dynschema.timing import when_classes_prepared

__version__ = "0.1.0.dev0"
__all__ = ["Blueprint", "atomic", "when_classes_prepared"]

_HOMES = {
    "Blueprint": "dynschema.blueprints",
    "atomic": "dynschema.blocks",
    "when_classes_prepared": "dynschema.timing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
