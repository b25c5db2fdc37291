"""Orders mass migrations by their dependencies; asks neither files nor databases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from dynschema.evolution.massmigrations.exceptions import (
    DependencyCycleError,
    UnknownDependencyError,
)

Dependencies = Mapping[str, Iterable[str]]
"""The names of migrations, and of those that each depends on."""


def ordered(dependencies: Dependencies) -> list[str]:
    """Return the names such that each comes after all that it depends on.

    >>> ordered({"b:0001_x": ["a:0002_y"], "a:0001_x": [], "a:0002_y": ["a:0001_x"]})
    ['a:0001_x', 'a:0002_y', 'b:0001_x']

    Raises:
        DependencyCycleError: some depend on each other.
        UnknownDependencyError: one depends on what is not there.
    """
    for name, wanted in dependencies.items():
        for dependency in wanted:
            if dependency not in dependencies:
                raise UnknownDependencyError(name=name, dependency=dependency)
    sorter = TopologicalSorter({name: dependencies[name] for name in sorted(dependencies)})
    try:
        return list(sorter.static_order())
    except CycleError as error:
        # What it gives is the way from a dependency to what depends on it.
        circle = " → ".join(reversed(error.args[1]))
        raise DependencyCycleError(circle=circle) from error
