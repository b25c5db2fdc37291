"""Names who calls a command, for the record."""

from __future__ import annotations

from getpass import getuser


def caller_of(command: str) -> str:
    """Return the command and the user of the operating system who calls it."""
    return f"manage.py {command} ({user_name()})"


def user_name() -> str:
    """Return the name of the user; a container may run as one who has none."""
    try:
        return getuser()
    # Python before 3.13 raises what its source of the name happens to raise.
    except (KeyError, ImportError, OSError):
        return "unknown user"
