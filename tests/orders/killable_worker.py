"""The other end of tests/orders/killable_child.py: workers, one after the other, that die at a given step."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from tests.worker.processes import environment

KILLED = -signal.SIGKILL


class Mortals:
    """Made by one forking process; killed in the end."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self._log = folder / "mortals.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.orders.killable_child"],
                cwd=settings.BASE_DIR,
                env=environment() | variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._worker = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._worker:
            self.kill()
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
        if kind is not None:
            print(f"--- {self._log}\n{self._log.read_text()}")

    def begin(self, step: str = "", number: int = 0) -> None:
        """A worker that dies when it has passed this step, or goes on until it is killed."""
        assert self._process.stdin
        print(json.dumps([step, number]), file=self._process.stdin, flush=True)
        self._worker = self._read()["pid"]

    def passed(self) -> Counter[str]:
        """Wait until the worker is dead; the steps that it had passed."""
        steps = Counter[str]()
        while isinstance(said := self._read(), str):
            steps[said] += 1
        self._worker = 0
        assert said["ended"] == KILLED, f"ended with {said['ended']}:\n{self._log.read_text()}"
        return steps

    def kill(self) -> Counter[str]:
        """Kill it where it is; returns the steps that it had passed."""
        os.kill(self._worker, signal.SIGKILL)
        return self.passed()

    def _read(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, self._log.read_text()
        return json.loads(line)
