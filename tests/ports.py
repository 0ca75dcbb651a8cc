"""Ports for servers of a test's own, which have to be told theirs before they begin."""

import random
import socket

_OF_SERVERS = range(15_000, 32_000)
"""Below those that Linux gives to connections as they are made, any of which may be taken at any moment."""


def free_port() -> int:
    """One at which nobody listens. Chosen at random, so that two runs do not meet there."""
    while True:
        port = random.choice(_OF_SERVERS)
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
