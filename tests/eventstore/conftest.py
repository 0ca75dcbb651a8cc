"""The stores under test, and the two ways to project.

A store joins the conformance suite by a name in `STORES` and a branch in `store`. The suite asks nothing
else of it: streams have fresh names, and whatever the store held before is left out by `store.head()`.
"""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from eventstore.embedded import EmbeddedStore
from eventstore.signals import events_appended
from eventstore.store import EventStore
from readmodels.apps import advance_inline

STORES = ["embedded, projecting inline", "embedded, projecting in a worker"]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, transactional_db: None) -> EventStore:
    """Each store in turn."""
    if request.param == "embedded, projecting in a worker":
        request.getfixturevalue("worker")
    return EmbeddedStore()


@pytest.fixture
def worker(settings: LazySettings) -> Iterator[None]:
    """PROJECTION=worker: an append projects nothing."""
    settings.PROJECTION = "worker"
    assert events_appended.disconnect(dispatch_uid="inline projection")
    yield
    events_appended.connect(advance_inline, dispatch_uid="inline projection")
