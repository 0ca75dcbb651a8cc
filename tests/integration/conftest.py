"""RabbitMQ, and receivers of webhooks."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event

import pytest
from django.conf import LazySettings

from eventstore.reactions import reaction
from integration import bus, sender
from integration.sender import send
from tests.eventstore.threads import PATIENCE, Beside
from tests.integration.bus import URL, Listening, why_unreachable
from tests.integration.receiver import Receiver

UNREACHABLE = why_unreachable()


@pytest.fixture
def listening() -> Iterator[Listening]:
    """A queue that has everything which is published from now on."""
    if UNREACHABLE:
        pytest.skip(UNREACHABLE)
    with Listening() as made:
        yield made


@pytest.fixture
def event_bus(listening: Listening, settings: LazySettings) -> Iterator[None]:
    """Publish from this process, as if the settings named a broker."""
    settings.EVENT_BUS_URL = URL
    bus.connect()
    yield
    del reaction.registry["bus"]
    bus.broker().close()
    bus.broker.cache_clear()


@pytest.fixture
def receiver(settings: LazySettings) -> Iterator[Receiver]:
    """A server that takes deliveries; this installation may deliver to private addresses."""
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    with Receiver() as made:
        yield made


@pytest.fixture
def sending(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Runs the sender beside the test, once called, with short waits."""
    monkeypatch.setattr(sender, "LOOK", 0.02)
    monkeypatch.setattr(sender, "FIRST_PAUSE", timedelta(milliseconds=50))
    stop = Event()
    with Beside(1) as beside:
        running = []
        yield lambda: running.append(beside.run(send, stop))
        stop.set()
        for each in running:
            each.result(PATIENCE)
