"""Callout under uvicorn, a process of its own, on the test's database and store."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from tests.worker.processes import PATIENCE, environment, wait_for


class Server:
    """`uvicorn tests.feed.app:application`, killed in the end. `variables` are those of tests/feed/app.py."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self._log = folder / f"server-{time.monotonic_ns()}.log"
        command = ["uvicorn", "tests.feed.app:application", "--port", "0", "--no-access-log", "--ws", "none"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=settings.BASE_DIR,
                env=environment() | variables,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.port = 0

    def __enter__(self) -> Self:
        wait_for("uvicorn to listen", self._listens)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        self._process.kill()
        self._process.wait()
        if kind is not None:
            print(f"--- {self._log}\n{self.log}")

    @property
    def log(self) -> str:
        """All that it has said."""
        return self._log.read_text()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def _listens(self) -> bool:
        assert self._process.poll() is None, f"uvicorn has ended:\n{self.log}"
        found = re.search(r"running on http://127\.0\.0\.1:(\d+)", self.log)
        self.port = int(found[1]) if found else 0
        return found is not None

    def stop_gently(self) -> None:
        """SIGTERM."""
        self._process.send_signal(signal.SIGTERM)

    def ended(self) -> int:
        """The exit status."""
        return self._process.wait(PATIENCE)
