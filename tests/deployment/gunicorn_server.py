"""Callout served as in production: by gunicorn, on a free port, with its own SQLite and static files."""

import http.client
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds; a busy machine is not a fault
OURS = re.compile(
    r"DEBUG|DATABASE_URL|.*_PROXY|PROJECTION|EVENT_STORE_.*|ALLOWED_HOSTS|GUNICORN_.*|WEB_CONCURRENCY"
)


@dataclass(frozen=True)
class Answer:
    """An answer. The names of `headers` are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Place:
    """Where the database and the collected static files are."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """A production machine's: nothing of the tests' own settings comes through."""
        kept = {name: value for name, value in os.environ.items() if not OURS.fullmatch(name)}
        return kept | {
            "SECRET_KEY": secrets.token_hex(32),
            "DATABASE_URL": f"sqlite:///{self.folder / 'callout.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "tests.deployment.production",
            "PYTHONPATH": str(ROOT),
            "STATIC_ROOT": str(self.folder / "static"),
        }

    def manage(self, *command: str) -> None:
        """Run a management command as the image and compose.yaml do."""
        subprocess.run(
            [sys.executable, "manage.py", *command, "--verbosity=0"],
            cwd=ROOT,
            env=self.environment,
            check=True,
            timeout=PATIENCE,
        )


@dataclass(frozen=True)
class Server:
    """A running gunicorn."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """Ask for a path, without following redirects."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            asking.request("GET", path, headers=headers or {})
            answer = asking.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, named, answer.read())
        finally:
            asking.close()


def wait_for(what: str, happens: Callable[[], bool]) -> None:
    """Poll until it happens. Raises TimeoutError with its name when it does not."""
    deadline = time.monotonic() + PATIENCE
    while not happens():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {PATIENCE:.0f} seconds for {what}.")
        time.sleep(0.02)


@contextmanager
def serve(place: Place, *arguments: str, **variables: str) -> Iterator[Server]:
    """Gunicorn under config/gunicorn.py, ready to answer; killed in the end."""
    log = place.folder / f"{secrets.token_hex(4)}.log"
    # Port 0: the system chooses a free one, and the log says which.
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "--bind", "127.0.0.1:0"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            env=place.environment | variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Server(process, _port(process, log), log)
    finally:
        process.kill()  # its workers notice within a second or two that they are orphans
        process.wait(PATIENCE)


def _port(process: "subprocess.Popen[bytes]", log: Path) -> int:
    """The port it listens on, once a worker has started."""

    def ready() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"Gunicorn stopped:\n{log.read_text()}")
        return "Booting worker" in log.read_text()

    wait_for("gunicorn to start", ready)
    found = re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", log.read_text())
    assert found, log.read_text()
    return int(found[1])
