"""Orders mass migrations by their dependencies; asks neither files nor databases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dynschema.evolution.massmigrations.exceptions import (
    DependencyCycleError,
    UnknownDependencyError,
)

Dependencies = Mapping[str, Iterable[str]]
"""The names of migrations, and of those that each depends on."""


def ordered(dependencies: Dependencies) -> list[str]:
    """Return the names in their order, but each after all that it depends on.

    >>> ordered({"b:0001_x": ["a:0002_y"], "a:0001_x": [], "a:0002_y": ["a:0001_x"]})
    ['a:0001_x', 'a:0002_y', 'b:0001_x']

    Raises:
        DependencyCycleError: some depend on each other.
        UnknownDependencyError: one depends on what is not there.
    """
    found: dict[str, None] = {}
    for name in dependencies:
        _visit(name, (), dependencies, found)
    return list(found)


def _visit(
    name: str, path: tuple[str, ...], dependencies: Dependencies, found: dict[str, None]
) -> None:
    """Find what a name depends on, then the name; the path is what has led to it."""
    if name in found:
        return
    if name in path:
        circle = [*path[path.index(name) :], name]
        raise DependencyCycleError(circle=" → ".join(circle))
    if name not in dependencies:
        raise UnknownDependencyError(name=path[-1], dependency=name)
    for dependency in dependencies[name]:
        _visit(dependency, (*path, name), dependencies, found)
    found[name] = None
