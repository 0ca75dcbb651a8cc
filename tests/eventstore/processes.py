"""A process beside the test, on its database, that reports its progress and can be killed anywhere."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Self

from django.conf import settings

from tests.eventstore.store_urls import current_url


class Child:
    """A module of the tests, run with these arguments until it ends or the block does."""

    def __init__(self, module: str, *arguments: object, **variables: str) -> None:
        environment = (
            os.environ | {"DATABASE_URL": current_url(), "DEBUG": "1", "PYTHONPATH": "."} | variables
        )
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=Path(settings.BASE_DIR),
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            pipe.close()

    def tell(self, line: object) -> None:
        print(line, file=self._process.stdin, flush=True)

    def hear(self) -> str:
        """The next line that it says; empty when it has ended."""
        return self._said.readline().strip()

    def stop(self) -> None:
        """SIGSTOP: it hangs, and keeps all that it holds."""
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self._process.kill()
        self._process.wait()

    def last_words(self) -> Iterator[str]:
        """What it had said before it was killed, and nobody had read; whole lines only."""
        return (line.strip() for line in self._said if line.endswith("\n"))

    @property
    def _said(self) -> IO[str]:
        assert self._process.stdout
        return self._process.stdout
