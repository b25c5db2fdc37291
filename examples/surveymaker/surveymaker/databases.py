"""Where the data is: the files beside manage.py, or what DATABASE_URL names."""

from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

PROJECT = Path(__file__).resolve().parent.parent
SITE_DATABASE = PROJECT / "db.sqlite3"
DEMO_DATABASE = PROJECT / "demo.sqlite3"


def fresh_demo_database() -> str:
    """Remove what the last demo left, and nothing else; give the address of the next database."""
    # What SQLite keeps beside a database would spoil the next one.
    for suffix in ("", "-journal", "-wal", "-shm"):
        Path(f"{DEMO_DATABASE}{suffix}").unlink(missing_ok=True)
    return f"sqlite:///{DEMO_DATABASE}"


def database_settings(url: str) -> dict[str, Any]:
    """Read sqlite:///relative, sqlite:////absolute or postgresql://user:password@host:port/name."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite_settings(parts)
    if parts.scheme in {"postgres", "postgresql"}:
        return postgresql_settings(parts)
    raise ValueError(
        f'DATABASE_URL starts with "{parts.scheme}:". '
        f"Only sqlite:///path and postgresql://user:password@host:port/name are understood."
    )


def sqlite_settings(parts: SplitResult) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": unquote(parts.path.removeprefix("/")),
        # A writer waits at the start of its transaction instead of failing in the middle.
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }


def postgresql_settings(parts: SplitResult) -> dict[str, Any]:
    """The folder of a socket comes as ?host=/folder; libpq understands the other options."""
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(parts.port or "")),
        "OPTIONS": options,
    }
