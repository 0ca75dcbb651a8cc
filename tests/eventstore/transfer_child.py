"""A copy that hangs after some appends: `moving_child FROM PREFIX TO PREFIX BATCH APPENDS`.

It prints "in the middle" then, and waits to be killed.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace

import django

django.setup()

from eventstore.store import NewEvent  # noqa: E402
from eventstore.transfer import copy  # noqa: E402  Django must be set up first
from eventstore.transfer.open_store import Opened, opened  # noqa: E402
from eventstore.transfer.portable import PortableEvent  # noqa: E402

append = copy.append
Appends = Sequence[tuple[str, int, Sequence[NewEvent]]]


def main(source_url: str, source_prefix: str, target_url: str, target_prefix: str, *numbers: str) -> None:
    """Copy."""
    copy.BATCH, left = map(int, numbers)

    def append_or_hang(run: list[PortableEvent], target: Opened) -> None:
        nonlocal left
        if not left:
            print("in the middle", flush=True)
            sys.stdin.read()
        left -= 1
        append(run, target)

    def pour_or_hang(appends: Appends) -> None:
        nonlocal left
        now, later, left = appends[:left], appends[left:], max(0, left - len(appends))
        if now and pour is not None:
            pour(now)
        if later:
            print("in the middle", flush=True)
            sys.stdin.read()

    copy.append = append_or_hang
    with (
        opened(source_url, prefix=source_prefix) as source,
        opened(target_url, prefix=target_prefix) as target,
    ):
        pour = target.pour
        if pour is not None:
            target = replace(target, pour=pour_or_hang)
        copy.move(copy.events_of(source.store, lambda *_: None), target)


if __name__ == "__main__":
    main(*sys.argv[1:])
