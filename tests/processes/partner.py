"""Another process of the site, which carries out one task at a time when it is told to."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MODULE = "tests.processes.tasks"


class TaskError(Exception):
    """A task failed over there: the name of the error and its text."""


class Partner:
    """The process; `partner.names("lunch")` runs `names("lunch")` of tasks.py in it."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-W", "error", "-m", MODULE]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(command, env=environment, bufsize=1, **pipes)

    def __getattr__(self, task: str) -> Any:
        return lambda *args, **options: self.start(task, *args, **options).finish()

    def start(self, task: str, *args: Any, in_request: bool = False) -> "Partner":
        """Let the partner begin; whoever calls goes on at once."""
        self._process.stdin.write(json.dumps([task, args, in_request]) + "\n")
        return self

    def finish(self) -> Any:
        """Wait for the answer.

        Raises:
            TaskError: the task failed.
        """
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise TaskError(answer["error"])
        return answer["value"]

    def stop(self) -> None:
        """Let the partner end, if it still runs."""
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def kill(self) -> None:
        """End the partner in the middle of what it is doing."""
        self._process.kill()
        self._process.wait()


@contextmanager
def running(environment: dict[str, str]) -> Iterator[Partner]:
    """Have a partner for a while."""
    partner = Partner(environment)
    try:
        yield partner
    finally:
        partner.stop()
