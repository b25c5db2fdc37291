"""Options that several commands have."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError

from django.db import DEFAULT_DB_ALIAS, connections


def add_database(parser: ArgumentParser, default: str = DEFAULT_DB_ALIAS) -> None:
    """Declare --database, one of those that the settings name."""
    parser.add_argument("--database", default=default, choices=tuple(connections), help="Alias.")


def mix_options(parser: ArgumentParser) -> None:
    """Let options stand between the names of several things: argparse takes none after them."""
    parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign]


def count(text: str) -> int:
    """Return a number of things, of which there is one at least."""
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("it must be 1 or more")
    return number
