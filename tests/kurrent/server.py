"""Starting and stopping the server, and what tests may do to it."""

import time
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import grpc  # type: ignore[import-untyped]

from tests.kurrent.append_calls import LARGEST_APPEND
from tests.kurrent.calls import Credentials
from tests.kurrent.faults import Cut, Faults
from tests.kurrent.gossip import Cluster, Gossip
from tests.kurrent.streams import Streams
from tests.ports import free_port

THREADS = 100
"""Calls at once; every subscription is one."""

LARGEST_MESSAGE = 17 * 1024 * 1024
GRACE = 0.3
"""Seconds for running calls to learn that the server stops before they are cut off."""

PATIENCE = 10
"""Seconds to get hold of a port that was left a moment ago."""

FEATURES = "event_store.client.server_features.ServerFeatures"
VERSION = b"26.1.0"


def features() -> Any:
    """What the server says it can do: its version. The client has no messages for it; the answer is one text,
    in field 2."""
    read = grpc.unary_unary_rpc_method_handler(lambda *_: b"\x12" + bytes([len(VERSION)]) + VERSION)
    return grpc.method_handlers_generic_handler(FEATURES, {"GetSupportedMethods": read})


class Server:
    """A KurrentDB whose log lives as long as this object, through any number of starts and stops.

    `with Server() as server` starts and stops it; `server.url` is for the client. `tls` holds a private
    key and a certificate, both PEM. With `credentials` everybody must sign in; the client sends them over
    TLS alone. Servers of one `cluster` share a log; the first leads, or the one that was told to.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        tls: tuple[bytes, bytes] | None = None,
        credentials: Credentials | None = None,
        largest_append: int = LARGEST_APPEND,
        cluster: Cluster | None = None,
    ) -> None:
        self.port = port or free_port()
        self._tls = tls
        self._credentials = credentials
        self._cluster = cluster or Cluster()
        self._log = self._cluster.log
        self._faults = Faults()
        self._streams = Streams(self._log, self._faults, credentials, largest_append=largest_append)
        self._streams.leader = lambda: self._cluster.leader_but(self.port)
        self._grpc: Any = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The URL for the client."""
        sign_in = "{}:{}@".format(*(self._credentials or ("admin", "changeit"))) if self._tls else ""
        return f"esdb://{sign_in}127.0.0.1:{self.port}?Tls={'true' if self._tls else 'false'}"

    @property
    def appends(self) -> int:
        """How many appends clients have asked for, repeated and broken ones too."""
        return self._streams.appends

    @property
    def reads(self) -> int:
        """How often clients have read, subscriptions not counted."""
        return self._streams.reads

    @property
    def windows(self) -> list[int]:
        """For each filtered read, how many records it wanted looked at for a page."""
        return self._streams.windows

    @property
    def batches(self) -> int:
        """How many calls have appended batches, each one or many."""
        return self._streams.batches

    @property
    def subscriptions(self) -> int:
        """How many there are now; a subscriber who left counts until the server has noticed."""
        return self._streams.subscriptions

    @property
    def calls_held(self) -> int:
        """How many have been kept waiting while it hung."""
        return self._faults.calls_held

    def start(self) -> None:
        """Start, unless it runs; again on the same port, with the same log."""
        if self._grpc is not None:
            return
        self._faults.stopping = False
        self._log.open()
        # Without it, two servers could share a port and neither would notice.
        options = (("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", LARGEST_MESSAGE))
        server = grpc.server(ThreadPoolExecutor(THREADS, thread_name_prefix="kurrent"), options=options)
        self.port = self._bind(server)
        self._cluster.join(self.port)
        gossip = Gossip(self._cluster, self._faults)
        server.add_generic_rpc_handlers((self._streams.handlers(), gossip.handlers(), features()))
        server.start()
        self._grpc = server

    def stop(self) -> None:
        """Cut off every running call and leave the port."""
        if self._grpc is None:
            return
        self._faults.stopping = True
        self._log.wake()
        self._grpc.stop(GRACE).wait()
        self._grpc = None

    def cut_before_append(self, n: int = 1) -> None:
        """Break off the next n appends before anything is written."""
        self._faults.set(Cut.BEFORE_APPEND, n)

    def cut_after_append(self, n: int = 1) -> None:
        """Write the next n appends, then break off without an answer: the client cannot know."""
        self._faults.set(Cut.AFTER_APPEND, n)

    def not_leader(self, n: int = 1, leader: tuple[str, int] = ("127.0.0.1", 2113)) -> None:
        """Refer the next n appends to another node."""
        self._faults.leader = leader
        self._faults.set(Cut.NOT_LEADER, n)

    def not_ready(self, n: int = 1) -> None:
        """Refuse the next n appends as a node does that is electing a leader, or too busy."""
        self._faults.set(Cut.NOT_READY, n)

    def time_out(self, n: int = 1) -> None:
        """Write the next n appends, but answer that the nodes did not confirm them in time."""
        self._faults.set(Cut.TIMED_OUT, n)

    def drop_subscriptions(self) -> None:
        """Break off every call that is under way: as good as all of them are subscriptions."""
        self._faults.dropped += 1
        self._log.wake()

    def lead(self) -> None:
        """Be the leader from now on; the others refer to it."""
        self._cluster.leader = self.port

    def scan_slowly(self, seconds: float) -> None:
        """Take so long to skip each event that a filter leaves out."""
        self._faults.scanning = seconds

    def hang(self, seconds: float, *, written: bool = False) -> None:
        """Answer nothing for so long, and send nothing to subscribers. With `written`, only appends are
        answered late, after they were written. hang(0) ends it."""
        self._faults.hang(seconds, written=written)
        self._log.wake()

    def _bind(self, server: Any) -> int:
        address = f"127.0.0.1:{self.port}"
        until = time.monotonic() + PATIENCE
        while True:
            try:
                if self._tls is None:
                    return int(server.add_insecure_port(address))
                return int(server.add_secure_port(address, grpc.ssl_server_credentials([self._tls])))
            except RuntimeError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
