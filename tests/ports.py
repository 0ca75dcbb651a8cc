"""Ports for a test's own servers, which must know theirs before they start."""

import random
import socket

_OF_SERVERS = range(15_000, 32_000)
"""Below those that Linux gives to new connections, any of which may be taken at any moment."""


def free_port() -> int:
    """A port at which nobody listens. Chosen at random, so that two runs do not meet."""
    while True:
        port = random.choice(_OF_SERVERS)
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
