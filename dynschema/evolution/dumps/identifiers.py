"""Gives the things of a dump names that Python and every file system can hold, each its own."""

from __future__ import annotations

import re
from keyword import iskeyword
from unicodedata import normalize


class Identifiers:
    """Hands out names; what sounds the same gets a number.

    >>> names = Identifiers()
    >>> names.claim("auth_user"), names.claim("Auth.User"), names.claim("class")
    ('auth_user', 'Auth_User_2', 'class_')
    """

    def __init__(self, taken: set[str] | None = None, flags: int = re.ASCII) -> None:
        self._taken = {each.lower() for each in taken or ()}
        self._flags = flags

    def claim(self, text: str) -> str:
        """Return the name for a text; it is never returned again, in any case of letters."""
        plain = re.sub(r"\W", "_", normalize("NFKC", text), flags=self._flags) or "_"
        plain = f"_{plain}" if plain[0].isdigit() else plain
        plain = f"{plain}_" if iskeyword(plain) else plain
        name, number = plain, 1
        while name.lower() in self._taken:
            number += 1
            name = f"{plain}_{number}"
        self._taken.add(name.lower())
        return name


def is_plain(text: str) -> bool:
    """Tell whether Python takes a text for a name, and for no other one."""
    return text.isidentifier() and not iskeyword(text) and normalize("NFKC", text) == text
