"""How the tests come by a PostgreSQL server."""

import os
import sys
from contextlib import contextmanager

import psycopg
import pytest

from tests import servers, variables
from tests.servers import NoServerError, __main__, binaries, running_postgres
from tests.servers.binaries import Binaries, version_in

NAMED = "postgresql://somebody@somewhere/some"


@pytest.fixture
def nothing_named(monkeypatch):
    monkeypatch.delenv(variables.URL, raising=False)


@pytest.fixture
def nothing_installed(nothing_named, monkeypatch):
    monkeypatch.setattr(servers, "binaries_on_this_machine", lambda: iter(()))


def test_a_named_server_is_used_and_none_is_started(monkeypatch, nothing_installed):
    monkeypatch.setenv(variables.URL, NAMED)

    with running_postgres() as url:
        assert url == NAMED


def test_where_the_first_does_not_start_the_next_is_tried(monkeypatch, nothing_named):
    folders = [Binaries(name, 15) for name in ("broken", "good")]
    monkeypatch.setattr(servers, "binaries_on_this_machine", lambda: iter(folders))
    monkeypatch.setattr(servers, "running_cluster", starts_only_the_good_one)

    with running_postgres() as url:
        assert url == "good"


def test_where_no_server_is_the_error_says_what_to_do(nothing_installed):
    with pytest.raises(NoServerError, match="apt install postgresql"), running_postgres():
        pass


@pytest.mark.parametrize(("printed", "version"), [("15.14 (Debian)", 15), ("18beta1", 18)])
def test_the_version_is_asked_of_the_server(tmp_path, printed, version):
    install_fake_server(tmp_path, f"postgres (PostgreSQL) {printed}")

    assert version_in(tmp_path) == version


def test_a_server_that_is_too_old_is_passed_over(tmp_path, monkeypatch):
    install_fake_server(tmp_path, "postgres (PostgreSQL) 13.11")
    monkeypatch.setattr(binaries, "on_the_path", lambda: [tmp_path])

    assert tmp_path not in [found.folder for found in binaries.binaries_on_this_machine()]


@pytest.mark.parametrize(("ci", "status"), [("", 0), ("0", 0), ("1", 1), ("true", 1)])
def test_what_is_left_out_is_said_and_fails_in_ci(
    monkeypatch, capsys, nothing_installed, ci, status
):
    monkeypatch.setenv("CI", ci)

    assert __main__.main(["make", "coffee"]) == status
    assert "NOT RUN ON POSTGRESQL: make coffee" in capsys.readouterr().out


def test_the_command_gets_the_url_and_gives_the_status(monkeypatch):
    monkeypatch.setenv(variables.URL, NAMED)
    program = f"import os, sys; sys.exit(os.environ['{variables.URL}'] == {NAMED!r})"

    assert __main__.main([sys.executable, "-c", program]) == 1


@pytest.mark.only("postgresql")
@pytest.mark.parametrize(("asked", "flushes"), [([], "off"), (["--durable"], "on")])
def test_commits_wait_for_the_disk_where_that_is_asked_for(nothing_named, capfd, asked, flushes):
    program = (
        f"import os, psycopg; connection = psycopg.connect(os.environ[{variables.URL!r}]); "
        "print(connection.execute('SHOW fsync').fetchone()[0]); connection.close()"
    )

    assert __main__.main([*asked, sys.executable, "-c", program]) == 0
    assert capfd.readouterr().out == f"{flushes}\n"


@pytest.mark.only("postgresql")
def test_a_started_server_is_gone_afterwards(nothing_named):
    with running_postgres() as url:
        folder = url.partition("host=")[2]
        with psycopg.connect(url) as connection:
            answer = connection.execute("SHOW listen_addresses").fetchone()

    assert answer == ("",)
    assert not os.path.exists(folder)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


@contextmanager
def starts_only_the_good_one(found, *, durable):
    if found.folder == "broken":
        raise RuntimeError("initdb ended with 1")
    yield found.folder


def install_fake_server(folder, printed):
    (folder / "initdb").touch()
    program = folder / "postgres"
    program.write_text(f"#!/bin/sh\necho '{printed}'\n")
    program.chmod(0o755)
