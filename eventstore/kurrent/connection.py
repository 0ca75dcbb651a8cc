"""Which node is asked, and asked again, while a server is away or a cluster chooses another leader."""

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, local
from typing import TypeVar

from django.conf import settings

from eventstore.kurrent import verdict
from eventstore.kurrent.client import Client
from eventstore.store import Unreachable

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds for which a call is tried again while the server is away or changes its leader,"""
TIMEOUT = 3.0
"""and that one try may take."""
PEOPLES_PATIENCE = 1.5
"""Both, where somebody waits for a page: they are told within two seconds, and may try again themselves."""
SHORTEST = 0.1
"""Seconds for a try even then."""
PAUSE, LONGEST_PAUSE = 0.05, 0.5
"""Seconds before the second try, doubled before each further one and spread at random; and at most."""


def patience() -> float:
    """For how long a call is tried."""
    return min(PATIENCE, PEOPLES_PATIENCE) if settings.SERVES_PEOPLE else PATIENCE


def timeout() -> float:
    """How long one try may take: where people wait, no longer than is left. The last would otherwise begin
    just before the end and take its time."""
    if not settings.SERVES_PEOPLE:
        return TIMEOUT
    left = _trying.until - time.monotonic() if _trying.until else PEOPLES_PATIENCE
    return min(TIMEOUT, max(left, SHORTEST))


class _Trying(local):
    """Until when this thread's call is tried."""

    until: float | None = None


_trying = _Trying()


@contextmanager
def _trying_until(until: float) -> Iterator[None]:
    _trying.until = until
    try:
        yield
    finally:
        _trying.until = None


class OutOfTime(Unreachable):
    """The server was still passing over events of others when the time was over; or it hangs."""


class Connection:
    """To the leader of the nodes that the URL names. Threads share a client, and forks do not."""

    def __init__(self, url: str) -> None:
        self._nodes = Nodes(_impatient(url))
        self._lock = Lock()
        self._known: tuple[int, Client] | None = None
        self._closings = 0

    def tried(
        self,
        call: Callable[[Client], T],
        *,
        is_append: bool = False,
        is_scan: bool = False,
        at: int | None = None,
    ) -> T:
        """What the call answers, tried again for a while when the server does not. Raises Declined when it
        will not, NoSuchPosition when there is nothing `at` the position that it is asked for; and OutOfTime,
        at once, when a scan does not end.

        An append may be tried again safely: with a numeric expected version the server knows its event ids.
        """
        until, pause, was_sent = time.monotonic() + patience(), PAUSE, False
        closings = self._closings
        while True:
            client, began = None, time.monotonic()
            try:
                client = self._client()
                with _trying_until(until):
                    answer = call(client)
                # What is being read when its client is closed ends as if there were no more.
                if is_append or self._closings == closings:
                    return answer
                raise Unreachable("The connection was closed")
            except (verdict.ANY, verdict.NoAnswer, ValueError) as error:
                if not _is_closed(error):
                    _raise_unless_away(error, at)
                if is_scan and isinstance(error, verdict.DEADLINE) and self._closings == closings:
                    raise OutOfTime(verdict.reason(error)) from error
                was_sent = was_sent or (is_append and client is not None and not _never_left(error))
                self._forget(client, error)
                if self._closings != closings or _would_end(began, pause) > until:
                    raise Unreachable(verdict.reason(error), nothing_changed=not was_sent) from error
            spread = pause * random.uniform(0.5, 1.5)  # noqa: S311  only to spread the tries
            time.sleep(max(0, min(spread, until - time.monotonic())))
            pause = min(pause * 2, LONGEST_PAUSE)

    def new_client(self) -> Client:
        """One that nobody shares. Raises Unreachable when there is no node to connect to."""
        return self.tried(lambda _: Client(self._nodes.url))

    def close(self) -> None:
        """Let go of the server; whoever waits for an answer gets none."""
        with self._lock:
            known, self._known = self._known, None
            self._closings += 1
        if known is not None and known[0] == os.getpid():
            known[1].close()

    def _client(self) -> Client:
        """This process's client: a gRPC channel does not survive a fork."""
        with self._lock:
            if self._known is not None and self._known[0] == os.getpid():
                return self._known[1]
        client = Client(
            self._nodes.url
        )  # not under the lock: it may take its time, and others wait for theirs
        with self._lock:
            if self._known is None or self._known[0] != os.getpid():
                self._known = os.getpid(), client
            return self._known[1]

    def _forget(self, client: Client | None, error: Exception) -> None:
        """Find the leader anew next time. Whoever still uses this client finishes with it."""
        with self._lock:
            if client is None or (self._known is not None and self._known[1] is client):
                self._known = None
                self._nodes.fail(client.connection_target if client else None, leader=_leader_told(error))


class Nodes:
    """The hosts of a URL, in the order in which they are asked who leads."""

    def __init__(self, url: str) -> None:
        self._scheme, _, rest = url.partition("://")
        authority, _, self._options = rest.partition("?")
        authority = authority.rstrip("/")
        self._user, _, hosts = authority.rpartition("@")
        self._hosts = hosts.split(",")
        self._leader: str | None = None

    @property
    def url(self) -> str:
        """Where to connect next: to the leader that we were told of, or to ask."""
        scheme, hosts = ("esdb", [self._leader]) if self._leader else (self._scheme, self._hosts)
        return f"{scheme}://{self._user}{'@' * bool(self._user)}{','.join(hosts)}?{self._options}"

    def fail(self, target: str | None, *, leader: str | None) -> None:
        """The target has not answered, or is not the leader, which it may have told. It is asked last next
        time: one that has stopped, and not died, would keep us waiting again."""
        self._leader = leader
        last = target if target in self._hosts else self._hosts[0]
        if target is None or target in self._hosts:
            self._hosts.remove(last)
            self._hosts.append(last)


def _would_end(began: float, pause: float) -> float:
    """When the next try would begin, after one that began then; where people wait, when it would end, for a
    server that hangs lets each take as long as the last."""
    now = time.monotonic()
    return now + pause + (now - began if settings.SERVES_PEOPLE else 0)


def _raise_unless_away(error: Exception, at: int | None) -> None:
    if isinstance(error, ValueError):
        raise error
    if found := verdict.declined(error, at=at):
        raise found from error
    if isinstance(error, verdict.NOT_FOUND | verdict.WRONG_VERSION):
        raise error


def _leader_told(error: Exception) -> str | None:
    """The address of the leader, where a node that is none has told it."""
    if not isinstance(error, verdict.NOT_LEADER):
        return None
    host, port = getattr(error, "host", None), getattr(error, "port", None)
    return f"{host}:{port}" if host else getattr(error, "leader_grpc_target", None)


def _is_closed(error: Exception) -> bool:
    """Whether another thread has just closed this client's channel."""
    return isinstance(error, ValueError) and "closed" in str(error)


def _impatient(url: str) -> str:
    """The URL with one round of asking its nodes who leads, each for a second, unless it says otherwise: we
    try again ourselves."""
    usual = {"MaxDiscoverAttempts": "1", "GossipTimeout": "1"}
    missing = [f"{name}={value}" for name, value in usual.items() if name.lower() not in url.lower()]
    return f"{url}{'&' if '?' in url else '?'}{'&'.join(missing)}" if missing else url


def _never_left(error: Exception) -> bool:
    """Whether the server cannot have taken it: no connection came about, or it was not the leader."""
    return (
        isinstance(error, verdict.CANNOT_CONNECT)
        or _is_closed(error)
        or "failed to connect" in str(error).lower()
    )
