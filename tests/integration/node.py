"""A RabbitMQ of the test's own, which may be stopped: in a temporary folder, under its own name and ports."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest
from amqp.exceptions import AMQPError
from kombu import Connection

from tests.ports import free_port
from tests.worker.processes import wait_for

PLACES = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/homebrew/sbin/rabbitmq-server")
"""Looked for before the PATH: Debian has a script there that works only for its own broker."""


def binary() -> str:
    """Where rabbitmq-server is. Skips the test, and says why, when it is nowhere."""
    found = next((each for each in PLACES if Path(each).exists()), None) or shutil.which("rabbitmq-server")
    if found is None:
        pytest.skip("No RabbitMQ to start: no rabbitmq-server here. Run: apt-get install rabbitmq-server")
    return found


class Node:
    """Runs until the end of the `with`; durable queues keep their messages after a stop."""

    def __init__(self, folder: Path) -> None:
        self._binary = binary()
        self._folder = folder
        self._port, self._epmd_port = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}//"

    def __enter__(self) -> Self:
        self._folder.mkdir()
        (self._folder / "plugins").write_text("[].")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        if epmd := shutil.which("epmd"):  # the node began it, and leaves it behind
            subprocess.run([epmd, "-kill"], env=self._environment, capture_output=True, check=False)

    def start(self) -> None:
        """Start, and wait until it accepts connections."""
        with (self._folder / "said").open("ab") as said:
            self._process = subprocess.Popen(
                [self._binary],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for("RabbitMQ to start", self._takes_connections)

    def stop(self) -> None:
        """In good order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As when the machine loses power."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, how)  # the server, and the script that began it
            process.wait()
            wait_for("RabbitMQ to end", lambda: not self._takes_connections())

    def _takes_connections(self) -> bool:
        try:
            with Connection(self.url, connect_timeout=3) as connection:
                connection.connect()
        except (OSError, AMQPError):
            return False
        return True

    @property
    def _environment(self) -> dict[str, str]:
        folder = str(self._folder)
        return {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "HOME": folder,  # where Erlang keeps its cookie
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"callout-{self._port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_CONFIG_FILE": f"{folder}/none",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        }
