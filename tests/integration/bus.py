"""A real RabbitMQ: whether there is one, what arrives there, and a connection to it that can be cut."""

import os
import socket
import threading
import time
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import UUID

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from kombu import Connection, Exchange, Queue

URL = os.environ.get("TEST_EVENT_BUS_URL", "amqp://guest:guest@127.0.0.1:5672//")
PATIENCE = 60.0  # seconds; a busy machine is not a fault


def why_unreachable() -> str:
    """The reason why RabbitMQ does not answer; empty when it does."""
    try:
        with Connection(URL, connect_timeout=3) as connection:
            connection.connect()
    except Exception as error:
        return (
            f"No RabbitMQ at {URL} ({type(error).__name__}). Start it (service rabbitmq-server start) "
            "or name another: TEST_EVENT_BUS_URL=amqp://user:password@host:5672// make test"
        )
    return ""


class Listening:
    """A queue of its own for everything that is published. Others publish there too: ask by subject."""

    def __init__(self) -> None:
        self._connection = Connection(URL)
        channel = self._connection.channel()
        exchange = Exchange("callout", type="topic", durable=True)
        self._queue = Queue("", exchange, routing_key="#", exclusive=True)(channel)
        self._queue.declare()
        self.messages: list[Any] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.release()

    def of(self, *streams: str) -> list[CloudEvent]:
        """What has arrived for these streams, in order."""
        return [each for each in map(event_in, self.taken()) if each.get_subject() in streams]

    def taken(self) -> list[Any]:
        """Every message that has arrived."""
        while message := self._queue.get(no_ack=True):
            self.messages.append(message)
        return self.messages


def event_in(message: Any) -> CloudEvent:
    """The event that a message carries."""
    body = message.body if isinstance(message.body, bytes) else str(message.body).encode()
    event = JSONFormat().read(CloudEvent, body)
    assert isinstance(event, CloudEvent)
    return event


def kinds(events: list[CloudEvent]) -> list[str]:
    return [each.get_type().removeprefix("callout.") for each in events]


def stream(category: str, aggregate_id: UUID) -> str:
    return f"{category}-{aggregate_id}"


class Way:
    """A TCP proxy before RabbitMQ: cut, it drops every connection and accepts no other until restored;
    held, it keeps every connection, and nothing passes."""

    def __init__(self) -> None:
        there = urlsplit(URL)
        self._there = (there.hostname or "127.0.0.1", there.port or 5672)
        self._open: list[socket.socket] = []
        self._held = threading.Event()
        self._listener: socket.socket | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self.restore()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    @property
    def url(self) -> str:
        there = urlsplit(URL)
        return f"amqp://{there.username}:{there.password}@127.0.0.1:{self.port}{there.path}"

    def restore(self) -> None:
        """Let connections through, as at first."""
        self._held.clear()
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """As when the broker stops."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def hold(self) -> None:
        """As when the broker hangs."""
        self._held.set()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                here, _ = listener.accept()
                there = socket.create_connection(self._there)
                self._open += [here, there]
                for pair in ((here, there), (there, here)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                while self._held.is_set():
                    time.sleep(0.01)
                to.sendall(data)
        for each in (source, to):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
