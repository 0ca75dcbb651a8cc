"""The store and the way of projecting that each chain is tried on, and the post."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from eventstore.current import current_store
from eventstore.store import EventStore
from tests.integration.conftest import event_bus, listening
from tests.orders.smtp_server import Post

__all__ = ["event_bus", "listening"]

WAYS = ["inline", "worker", "KurrentDB"]


@pytest.fixture(params=WAYS, autouse=True)
def way(request: pytest.FixtureRequest, transactional_db: None) -> EventStore:
    """Each in turn: read models inline, in a worker, and in a worker that follows KurrentDB."""
    if request.param != "inline":
        request.getfixturevalue("worker" if request.param == "worker" else "kurrent")
    return current_store()


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    """Where this process delivers its mail."""
    with Post() as made:
        settings.EMAIL_BACKEND = "orders.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = made.server_address[:2]
        yield made
