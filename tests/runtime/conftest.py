"""A registry that Django knows for the time of one test."""

from collections.abc import Iterator

import pytest

from dynschema.runtime.appconfig import install, uninstall
from dynschema.runtime.registry import Registry
from dynschema.runtime.snapshot import Snapshot
from tests.runtime.builds import APP


@pytest.fixture
def registry() -> Iterator[Registry]:
    """Give an empty registry; afterwards no static model knows of a dynamic one."""
    registry = Registry()
    install(APP, registry, lambda: None)
    yield registry
    registry.publish(Snapshot())
    uninstall(APP)
