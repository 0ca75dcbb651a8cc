"""Worker processes: `manage.py project` beside the test, on its database and its store."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from tests.eventstore.store_urls import current_url

PATIENCE = 60.0  # seconds; a busy machine is not a fault
OURS = re.compile(r"DEBUG|DATABASE_URL|PROJECTION|EVENT_STORE_.*")


def wait_for(what: str, happens: Callable[[], bool]) -> None:
    """Poll until it happens. Raises AssertionError with its name when it does not."""
    until = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < until, f"waited {PATIENCE:.0f} s for {what}"
        time.sleep(0.02)


def environment() -> dict[str, str]:
    """What another process needs to know of the test's database and store."""
    kept = {name: value for name, value in os.environ.items() if not OURS.fullmatch(name)}
    told = {
        "DATABASE_URL": current_url(),
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "tests.worker.settings",
        "EVENT_STORE_PREFIX": settings.EVENT_STORE_PREFIX,
        "EVENT_STORE_URL": settings.EVENT_STORE_URL or "",
        "PROJECTION": settings.PROJECTION,
        "PYTHONPATH": ".",
    }
    return kept | told


def project(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """`manage.py project`, to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", "project", *arguments],
        cwd=settings.BASE_DIR,
        env=environment() | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


class Worker:
    """`manage.py project --follow`, killed in the end. `started` waits until it is at it."""

    def __init__(self, folder: Path, *names: str, **variables: str) -> None:
        self._log = folder / f"worker-{time.monotonic_ns()}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "project", "--follow", *names],
                cwd=settings.BASE_DIR,
                env=environment() | variables,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        self.kill()
        if kind is not None:
            print(f"--- {self._log}\n{self.log}")

    @property
    def log(self) -> str:
        """All that it has said."""
        return self._log.read_text()

    def started(self) -> Self:
        return self.says("Following the store")

    def says(self, text: str) -> Self:
        """Wait until it says so."""

        def said() -> bool:
            assert self._process.poll() is None, f"the worker has ended:\n{self.log}"
            return text in self.log

        wait_for(f"the worker to say {text!r}", said)
        return self

    def terminate(self) -> int:
        """SIGTERM; the exit status."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE)

    def stop(self) -> None:
        """SIGSTOP: it hangs, and keeps all that it holds."""
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """SIGCONT: it continues where it was."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self._process.kill()
        self._process.wait()
