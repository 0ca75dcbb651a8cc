"""The stores that a worker follows."""

import pytest

from eventstore.embedded.store import EmbeddedStore
from eventstore.store import EventStore

EMBEDDED, KURRENT = "embedded", "KurrentDB"


@pytest.fixture(params=[EMBEDDED, KURRENT])
def store(request: pytest.FixtureRequest, transactional_db: None) -> EventStore:
    """Each store that a worker follows in turn; nothing is projected but by a worker."""
    if request.param == KURRENT:
        kurrent: EventStore = request.getfixturevalue("kurrent")
        return kurrent
    request.getfixturevalue("worker")
    return EmbeddedStore()
