"""The stores under test.

A store joins the conformance suite by a name in `STORES` and a branch in `store`. The suite asks nothing
else of it: streams have fresh names, and whatever the store held before is left out by `store.head()`.
"""

import pytest

from eventstore.embedded import EmbeddedStore
from eventstore.store import EventStore

STORES = ["embedded, projecting inline", "embedded, projecting in a worker"]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, transactional_db: None) -> EventStore:
    """Each store in turn."""
    if request.param == "embedded, projecting in a worker":
        request.getfixturevalue("worker")
    return EmbeddedStore()
