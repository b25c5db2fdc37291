"""Runs a command with a PostgreSQL server around it: python -m tests.servers COMMAND ...

Where no server can be had, the command is left out and that is said loudly; in CI it is a
failure. With --durable in front, each commit waits for the disk, so that times are as elsewhere.
With --found in place of a command, only tells by its status whether one can be had.
"""

import os
import signal
import subprocess
import sys
from types import FrameType

from tests import variables
from tests.servers import NoServerError, is_found, running_postgres

PATIENCE_SECONDS = 5
DURABLE = "--durable"


def main(arguments: list[str]) -> int:
    """Run the command and give its status."""
    if arguments == ["--found"]:
        return 0 if is_found() else 1
    durable = arguments[:1] == [DURABLE]
    command = arguments[1:] if durable else arguments
    try:
        with running_postgres(durable=durable) as url:
            return run(command, url)
    except NoServerError as error:
        return left_out(command, error)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def leave(number: int, frame: FrameType | None) -> None:
    """Turn a signal into an ordinary exit, so that the server is stopped on the way."""
    sys.exit(128 + number)


def run(command: list[str], url: str) -> int:
    """Run the command as a child, and never leave it behind."""
    child = subprocess.Popen(command, env={**os.environ, variables.URL: url})
    try:
        return child.wait()
    except KeyboardInterrupt:
        # The terminal has told the child as well.
        ends_by_itself(child)
        raise
    finally:
        end(child)


def end(child: subprocess.Popen[bytes]) -> None:
    """Ask a child that still runs to end, and insist after a while."""
    if child.poll() is None:
        child.terminate()
        if not ends_by_itself(child):
            child.kill()


def ends_by_itself(child: subprocess.Popen[bytes]) -> bool:
    """Give a child some time to end."""
    try:
        child.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def left_out(command: list[str], error: NoServerError) -> int:
    """Say what was not run; nobody should believe that it passed."""
    line = "!" * 88
    print(f"\n{line}\n!!! NOT RUN ON POSTGRESQL: {' '.join(command)}\n!!! {error}\n{line}\n")
    return 1 if os.environ.get("CI", "0").lower() not in {"", "0", "false"} else 0


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    sys.exit(main(sys.argv[1:]))
