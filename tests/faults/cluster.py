"""A PostgreSQL of the test's own, which may be restarted: in a temporary folder, on a port of its own."""

import os
import pwd
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import pytest

from tests.ports import free_port

PLACES = ("/usr/lib/postgresql/*/bin/initdb", "/usr/local/bin/initdb", "/opt/homebrew/bin/initdb")


def binaries() -> Path:
    """Where initdb and pg_ctl are. Skips the test, and says why, when they are not there."""
    found = sorted(path for each in PLACES for path in Path("/").glob(each.lstrip("/")))
    if not found:
        pytest.skip(f"No PostgreSQL to start: no initdb at {', '.join(PLACES)}")
    return found[-1].parent


def demotion() -> dict[str, Any]:
    """PostgreSQL does not run as root; root runs it as the user postgres."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Cluster:
    """Runs until the end of the `with`; `url` names its database."""

    def __init__(self) -> None:
        self._binaries = binaries()
        self._demotion = demotion()
        # Not in pytest's own folder, which only its owner may enter.
        self._folder = TemporaryDirectory(prefix="callout-postgresql-")
        self._data = Path(self._folder.name) / "data"
        self._port = free_port()
        self._is_up = False
        self.url = f"postgres://callout@127.0.0.1:{self._port}/postgres"

    def __enter__(self) -> Self:
        if self._demotion:
            os.chown(self._folder.name, self._demotion["user"], self._demotion["group"])
        self._run("initdb", "-D", str(self._data), "-U", "callout", "-A", "trust", "--no-sync")
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        if self._is_up:
            self.stop()
        self._folder.cleanup()

    def start(self) -> None:
        self._control("start")
        self._is_up = True

    def stop(self) -> None:
        """At once, without a word to anybody."""
        self._control("stop", "-m", "immediate")
        self._is_up = False

    def restart(self) -> None:
        """At once, as when the machine loses power: no connection survives, and the log is replayed."""
        self._control("restart", "-m", "immediate")

    def _control(self, *action: str) -> None:
        # Without fsync: what PostgreSQL has written survives its own end, and no more is tested here.
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        log = str(self._data.parent / "log")
        self._run("pg_ctl", "-D", str(self._data), "-l", log, "-w", "-o", options, *action)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._binaries / program), *arguments],
            cwd=self._data.parent,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            check=True,
            stdout=subprocess.DEVNULL,
            **self._demotion,
        )
