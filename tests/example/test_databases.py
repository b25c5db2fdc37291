"""DATABASE_URL names the database of the example."""

import pytest

from surveymaker import databases
from surveymaker.databases import database_settings


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///db.sqlite3", "db.sqlite3"),
        ("sqlite:////var/lib/site/db.sqlite3", "/var/lib/site/db.sqlite3"),
        ("sqlite:////tmp/a%20b.sqlite3", "/tmp/a b.sqlite3"),
    ],
)
def test_an_sqlite_file_waits_for_its_lock_at_the_start(url, name):
    assert database_settings(url) == {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgres://ann:p%40ss@db.example.org:5433/site?sslmode=require",
            {
                "NAME": "site",
                "USER": "ann",
                "PASSWORD": "p@ss",
                "HOST": "db.example.org",
                "PORT": "5433",
                "OPTIONS": {"sslmode": "require"},
            },
        ),
        (
            "postgresql://ann@/site?host=/run/postgresql&port=5499",
            {
                "NAME": "site",
                "USER": "ann",
                "PASSWORD": "",
                "HOST": "/run/postgresql",
                "PORT": "5499",
                "OPTIONS": {},
            },
        ),
        (
            "postgresql:///site",
            {"NAME": "site", "USER": "", "PASSWORD": "", "HOST": "", "PORT": "", "OPTIONS": {}},
        ),
    ],
)
def test_a_postgresql_server_is_named_by_host_or_by_socket(url, expected):
    engine = "django.db.backends.postgresql"

    assert database_settings(url) == {"ENGINE": engine, **expected}


def test_another_database_is_refused_with_the_two_that_work():
    with pytest.raises(ValueError, match="DATABASE_URL starts with") as caught:
        database_settings("mysql://ann@localhost/site")

    assert str(caught.value) == (
        'DATABASE_URL starts with "mysql:". Only sqlite:///path and '
        "postgresql://user:password@host:port/name are understood."
    )


def test_the_demo_removes_its_own_database_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(databases, "DEMO_DATABASE", tmp_path / "demo.sqlite3")
    for name in ("demo.sqlite3", "demo.sqlite3-wal", "demo.sqlite3-journal", "db.sqlite3"):
        (tmp_path / name).touch()

    url = databases.fresh_demo_database()

    assert database_settings(url)["NAME"] == str(tmp_path / "demo.sqlite3")
    assert [path.name for path in tmp_path.iterdir()] == ["db.sqlite3"]
