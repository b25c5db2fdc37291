"""Digests what a class is like, so that processes need not build it to know that it has changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from django.db.models.manager import BaseManager
from django.utils import translation
from django.utils.functional import Promise

from dynschema.runtime.build import Build

PLAIN = (str, int, bool, float, type(None))

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
"""What Python's own `repr` tells of an object, and what differs between processes."""


def class_print(build: Build) -> str:
    """Return a digest of all that other processes must see of a class besides its columns."""
    with translation.override(None):  # A class is the same in every language.
        fields = [(name, field.deconstruct()[1:]) for name, field in build.fields.items()]
        described = _stable((build.name, fields, build.meta, build.bases, build.attributes))
    return blake2b(repr(described).encode(), digest_size=16).hexdigest()


def _stable(value: Any) -> Any:
    """Return something whose `repr` is the same in every process."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, Mapping):
        return [(key, _stable(each)) for key, each in value.items()]
    if isinstance(value, (list, tuple)):
        return [_stable(each) for each in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(_stable, value), key=repr)  # The order of a set is that of its process.
    return _stable_object(value)


def _stable_object(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    if hasattr(value, "deconstruct") and not isinstance(value, (type, BaseManager)):
        return _stable(value.deconstruct())
    if isinstance(value, type) or callable(value):
        return getattr(value, "__qualname__", type(value).__qualname__)
    if isinstance(value, BaseManager):
        return type(value).__qualname__
    return ADDRESS.sub("", repr(value))
