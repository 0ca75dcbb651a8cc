"""Uvicorn in the form in which gunicorn starts it."""

import os
import signal

from uvicorn_worker import UvicornWorker  # type: ignore[import-untyped]

from config.protocol import Protocol


class Worker(UvicornWorker):  # type: ignore[misc]
    """Serves ASGI over HTTP and nothing else."""

    CONFIG_KWARGS = {
        "loop": "auto",
        "http": Protocol,
        "ws": "none",
        "lifespan": "on",
        # Uvicorn's log lines hold addresses and query strings; config/asgi.py writes other lines.
        "access_log": False,
        "server_header": False,
        # Only Django decides whether a request came over HTTPS, when BEHIND_PROXY is on.
        "proxy_headers": False,
        # A little before gunicorn kills (graceful_timeout).
        "timeout_graceful_shutdown": 28,
        "timeout_notify": 1,
    }

    async def callback_notify(self) -> None:
        """Runs every second. When gunicorn is killed, its own workers end. Uvicorn's would go on, and the
        next gunicorn could not have the port."""
        await super().callback_notify()
        if os.getppid() != self.ppid:
            signal.raise_signal(signal.SIGTERM)
