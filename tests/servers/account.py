"""Chooses the account that a throw-away server runs under, since PostgreSQL refuses root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user of this machine; None stands for the one who runs the tests."""

    user: int | None = None
    group: int | None = None

    def as_arguments(self) -> dict[str, Any]:
        """Give the arguments for subprocess."""
        if self.user is None:
            return {}
        return {"user": self.user, "group": self.group, "extra_groups": []}

    def takes(self, path: Path) -> None:
        """Hand a file or folder over to this account."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group, follow_symlinks=False)


def server_account() -> Account:
    """Give an unprivileged account when run by root, else one's own."""
    if os.geteuid() != 0:
        return Account()
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise LookupError(f"PostgreSQL does not run as root, and none of {UNPRIVILEGED} exists here.")
