"""Threads that decode an event class at the same time for the first time: `python -m` with this module."""

import faulthandler
import json
import sys
from dataclasses import make_dataclass
from threading import Barrier, Thread

from eventstore import codec
from eventstore.events import event

CLASSES = 100
FIELDS = [f"field_{number}" for number in range(40)]


def main() -> None:
    faulthandler.enable()
    sys.setswitchinterval(1e-6)
    data = json.dumps({"part": dict.fromkeys(FIELDS, 1)})
    for number in range(CLASSES):
        # As text: msgspec evaluates such annotations in Python, where threads take turns.
        part = make_dataclass("Part", [(name, "int | None") for name in FIELDS], frozen=True)
        name = f"Decoded{number}"
        event(name)(type(name, (), {"__annotations__": {"part": part}, "__module__": __name__}))
        decode_at_once(name, data)


def decode_at_once(name: str, data: str) -> None:
    ready = Barrier(2)

    def decode() -> None:
        ready.wait()
        codec.decode(name, 1, data)

    threads = [Thread(target=decode) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


if __name__ == "__main__":
    main()
