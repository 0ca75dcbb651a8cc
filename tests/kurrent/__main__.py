"""The server as a process of its own: `python -m tests.kurrent [--port N]`.

It prints its URL and serves until SIGTERM. Each line on its standard input is a command, answered by
"ok": stop, start, cut_before N, cut_after N, not_leader N HOST PORT, drop_subscriptions, hang SECONDS.
"""

import argparse
import signal
import sys
from typing import NoReturn

from tests.kurrent.server import Server


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.kurrent")
    parser.add_argument("--port", type=int, default=0)
    signal.signal(signal.SIGTERM, _leave)
    with Server(parser.parse_args().port) as server:
        print(server.url, flush=True)
        for line in sys.stdin:
            try:
                obey(server, line.split())
                print("ok", flush=True)
            except (TypeError, ValueError) as error:
                print(f"error: {error}", flush=True)
        # Nobody sends commands any more, but clients may still come.
        signal.pause()


def obey(server: Server, words: list[str]) -> None:
    """Carry out one line of commands."""
    match words:
        case ["stop"]:
            server.stop()
        case ["start"]:
            server.start()
        case ["cut_before", *n]:
            server.cut_before_append(*map(int, n))
        case ["cut_after", *n]:
            server.cut_after_append(*map(int, n))
        case ["not_leader", n, host, port]:
            server.not_leader(int(n), (host, int(port)))
        case ["drop_subscriptions"]:
            server.drop_subscriptions()
        case ["hang", seconds]:
            server.hang(float(seconds))
        case _:
            raise ValueError(f"no such command: {' '.join(words)}")


def _leave(*_: object) -> NoReturn:
    sys.exit(0)


main()
