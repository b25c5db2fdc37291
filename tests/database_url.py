"""Turns the address of a PostgreSQL server into Django's database settings."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def postgresql_settings(url: str) -> dict[str, Any]:
    """Read postgresql://user:password@host:port/name?host=/folder/of/a/socket."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": query.pop("port", None) or str(parts.port or ""),
        "OPTIONS": query,
    }
