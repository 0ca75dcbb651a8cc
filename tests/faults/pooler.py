"""A real PgBouncer in front of a PostgreSQL, for as long as a `with` lasts."""

import shutil
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.faults.cluster import demotion
from tests.ports import free_port

PATIENCE = 30.0  # seconds


class Pooler:
    """A pooler; `url` leads through it. With `ignoring_options` it accepts connection options and ignores
    them."""

    def __init__(self, server: str, mode: str, *, ignoring_options: bool) -> None:
        found = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/bin:/usr/bin:/opt/homebrew/bin")
        if found is None:
            pytest.skip("No PgBouncer to start: there is no program pgbouncer (apt-get install pgbouncer)")
        self._program, self._server, self._mode = found, urlsplit(server), mode
        self._ignored = "options" if ignoring_options else ""
        self._folder = TemporaryDirectory(prefix="callout-pgbouncer-")
        self._port = free_port()
        self.url = f"postgres://callout@127.0.0.1:{self._port}{self._server.path}"

    def __enter__(self) -> Self:
        folder, user = Path(self._folder.name), demotion()
        (folder / "users").write_text('"callout" ""\n')
        (folder / "ini").write_text(f"""
            [databases]
            * = host={self._server.hostname} port={self._server.port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {self._port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {folder}/users
            pool_mode = {self._mode}
            ignore_startup_parameters = extra_float_digits,{self._ignored}
            """)
        folder.chmod(0o755)
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._program, "--quiet", str(folder / "ini")], stdout=log, stderr=log, **user
            )
        self._until_it_answers()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    def _until_it_answers(self) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, (Path(self._folder.name) / "log").read_text()
                assert time.monotonic() < until, "PgBouncer does not answer"
                time.sleep(0.1)
            else:
                return
