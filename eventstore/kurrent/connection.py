"""Which node is asked, and asked again while a server is away or a cluster elects another leader."""

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
"""Seconds for which a call is tried again while the server is away or changes its leader."""
TIMEOUT = 3.0
"""Seconds that one try may take."""
PEOPLES_PATIENCE = 1.5
"""Both, in seconds, when somebody waits for a page: they get an answer within two seconds, and can try
again themselves."""
SHORTEST = 0.1
"""Seconds for a try even then."""
PAUSE, LONGEST_PAUSE = 0.05, 0.5
"""Seconds before the second try, doubled before each further one and randomised; and the longest pause."""


def patience() -> float:
    """Seconds for which a call is tried."""
    return min(PATIENCE, PEOPLES_PATIENCE) if settings.SERVES_PEOPLE else PATIENCE


def timeout() -> float:
    """Seconds that one try may take: when people wait, not more than the time left. Otherwise the last try
    could begin just before the end and take its full time."""
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
    """The time was over while the server was still skipping foreign events, or the server hangs."""


class Connection:
    """The connection to the leader of the nodes that the URL names. Threads share a client; forked
    processes do not."""

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
        """Returns the answer of the call, which is tried again for a while when the server does not
        answer. Raises Declined when the server refuses, NoSuchPosition when there is nothing `at` the
        position that was asked for, and OutOfTime, at once, when a scan does not end.

        Trying an append again is safe: with a numeric expected version the server recognises its event
        ids.
        """
        until, pause, was_sent = time.monotonic() + patience(), PAUSE, False
        closings = self._closings
        while True:
            client, began = None, time.monotonic()
            try:
                client = self._client()
                with _trying_until(until):
                    answer = call(client)
                # A read whose client is closed ends as if there were no more events.
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
        """A client that nobody shares. Raises Unreachable when no node answers."""
        return self.tried(lambda _: Client(self._nodes.url))

    def close(self) -> None:
        """Disconnect from the server. Callers who wait for an answer get none."""
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
        )  # not under the lock: it may take time, and others wait for their clients
        with self._lock:
            if self._known is None or self._known[0] != os.getpid():
                self._known = os.getpid(), client
            return self._known[1]

    def _forget(self, client: Client | None, error: Exception) -> None:
        """Find the leader anew next time. Threads that still use this client finish with it."""
        with self._lock:
            if client is None or (self._known is not None and self._known[1] is client):
                self._known = None
                self._nodes.fail(client.connection_target if client else None, leader=_leader_told(error))


class Nodes:
    """The hosts of a URL, in the order in which they are asked for the leader."""

    def __init__(self, url: str) -> None:
        self._scheme, _, rest = url.partition("://")
        authority, _, self._options = rest.partition("?")
        authority = authority.rstrip("/")
        self._user, _, hosts = authority.rpartition("@")
        self._hosts = hosts.split(",")
        self._leader: str | None = None

    @property
    def url(self) -> str:
        """Where to connect next: to the known leader, or to all nodes to ask them."""
        scheme, hosts = ("esdb", [self._leader]) if self._leader else (self._scheme, self._hosts)
        return f"{scheme}://{self._user}{'@' * bool(self._user)}{','.join(hosts)}?{self._options}"

    def fail(self, target: str | None, *, leader: str | None) -> None:
        """The target has not answered, or is not the leader (and may have named it). It is asked last next
        time: a node that hangs would keep us waiting again."""
        self._leader = leader
        last = target if target in self._hosts else self._hosts[0]
        if target is None or target in self._hosts:
            self._hosts.remove(last)
            self._hosts.append(last)


def _would_end(began: float, pause: float) -> float:
    """When the next try would begin, after one that began then. When people wait, it is when the next try
    would end, because a server that hangs makes each try as long as the last."""
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
    """The address of the leader, if a node that is not the leader has named it."""
    if not isinstance(error, verdict.NOT_LEADER):
        return None
    host, port = getattr(error, "host", None), getattr(error, "port", None)
    return f"{host}:{port}" if host else getattr(error, "leader_grpc_target", None)


def _is_closed(error: Exception) -> bool:
    """Whether another thread has just closed this client's channel."""
    return isinstance(error, ValueError) and "closed" in str(error)


def _impatient(url: str) -> str:
    """The URL with a single round of asking its nodes for the leader, one second each, unless the URL says
    otherwise: we try again ourselves."""
    usual = {"MaxDiscoverAttempts": "1", "GossipTimeout": "1"}
    missing = [f"{name}={value}" for name, value in usual.items() if name.lower() not in url.lower()]
    return f"{url}{'&' if '?' in url else '?'}{'&'.join(missing)}" if missing else url


def _never_left(error: Exception) -> bool:
    """Whether the server cannot have taken it: there was no connection, or it was not the leader."""
    return (
        isinstance(error, verdict.CANNOT_CONNECT)
        or _is_closed(error)
        or "failed to connect" in str(error).lower()
    )
