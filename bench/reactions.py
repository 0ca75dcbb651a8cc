"""Figure 5 as well: all reactions go over a history of work, each in a thread of its own, as in a worker. No
broker and no webhook is there, so that nothing is caused."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import perf_counter, process_time

from django.db import connection

from eventstore.reactions.delivery import followers
from eventstore.reactions.reaction import registry
from eventstore.worker.follow import Follower


def catch_up(events: int) -> dict[str, float]:
    """A step: events a second until the last reaction has come to the end, and per second of own CPU."""
    began, cpu = perf_counter(), process_time()
    each_alone(followers(registry.values(), Event()))
    return {"rate": events / (perf_counter() - began), "cpu_rate": events / (process_time() - cpu)}


def each_alone(found: Sequence[Follower]) -> None:
    """Let each catch up in its own thread."""
    with ThreadPoolExecutor(len(found)) as threads:
        for done in [threads.submit(to_the_end, each) for each in found]:
            done.result()


def to_the_end(follower: Follower) -> None:
    try:
        follower.catch_up(follower.names)
    finally:
        connection.close()
