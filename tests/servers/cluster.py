"""Runs a throw-away PostgreSQL cluster: a temporary folder, a Unix socket, no TCP."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.servers.account import Account, server_account
from tests.servers.binaries import LIBRARIES_OF_THE_WHEEL, Binaries

OWNER = "dynschema"
START_SECONDS = 60
CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{folder}'
"""
# The data is thrown away, so nothing has to survive a power cut.
QUICK = """
fsync = off
synchronous_commit = off
full_page_writes = off
"""


@contextmanager
def running_cluster(binaries: Binaries, *, durable: bool = False) -> Iterator[str]:
    """Start a server, give its URL, and leave nothing of it behind.

    Args:
        binaries: its programs.
        durable: let each commit wait for the disk, as a server does that matters to somebody.
    """
    account = server_account()
    folder = new_folder(account)
    try:
        cluster = Cluster(reachable(binaries, account, folder), account, folder)
        cluster.create("" if durable else QUICK)
        try:
            cluster.start()
            yield f"postgresql://{OWNER}@/postgres?host={quote(str(folder))}"
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Cluster:
    """One data folder and the server on it."""

    def __init__(self, binaries: Binaries, account: Account, folder: Path) -> None:
        self.binaries = binaries
        self.account = account
        self.folder = folder
        self.data = folder / "data"

    def create(self, more: str) -> None:
        """Make the data folder and configure the server."""
        self.run("initdb", "--auth=trust", f"--username={OWNER}", "--encoding=UTF8",
                 "--no-locale", "--no-sync", "--no-instructions")  # fmt: skip
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION.format(folder=self.folder) + more)

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        log = self.folder / "log"
        self.run("pg_ctl", "start", "--wait", f"--timeout={START_SECONDS}", f"--log={log}")

    def stop(self) -> None:
        """Stop the server at once, whoever is still connected; it may not have started."""
        if (self.data / "postmaster.pid").exists():
            self.run("pg_ctl", "stop", "--mode=immediate")

    def run(self, program: str, *arguments: str) -> None:
        """Run a program of the server on the data folder, with its output in an error only."""
        command = [self.binaries.program(program), *arguments, f"--pgdata={self.data}"]
        # Not a pipe: the server would inherit it and hold it open.
        with tempfile.TemporaryFile("w+") as output:
            status = subprocess.run(
                command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.account.as_arguments(),
            ).returncode
            output.seek(0)
            if status:
                raise RuntimeError(f"{program} ended with {status}: {output.read()}{self.log()}")

    def log(self) -> str:
        """Read what the server wrote itself."""
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""


def new_folder(account: Account) -> Path:
    """Make the folder for everything, where the path of a socket stays short enough."""
    short = "/tmp" if Path("/tmp").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="dynschema-postgresql-", dir=short))
    account.takes(folder)
    return folder


def reachable(binaries: Binaries, account: Account, folder: Path) -> Binaries:
    """Copy the binaries where the account may not go to them, as in the home of root."""
    command = [binaries.program("postgres"), "--version"]
    try:
        subprocess.run(command, cwd="/", capture_output=True, check=True, **account.as_arguments())
    except PermissionError:
        return copied(binaries, account, folder / "server")
    return binaries


def copied(binaries: Binaries, account: Account, target: Path) -> Binaries:
    """Copy a whole installation; that of the wheel has its libraries in a folder beside it."""
    site = binaries.folder.parents[2]
    for part in (binaries.folder.parent, site / LIBRARIES_OF_THE_WHEEL):
        if part.exists():
            shutil.copytree(part, target / part.relative_to(site))
    for path in (target, *target.rglob("*")):
        account.takes(path)
    return Binaries(target / binaries.folder.relative_to(site), binaries.version)
