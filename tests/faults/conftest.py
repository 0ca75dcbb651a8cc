"""The stores that go away under a worker."""

from collections.abc import Iterator

import pytest

from eventstore.kurrent import connection
from eventstore.kurrent import store as kurrent
from tests.kurrent import Server
from tests.worker.conftest import store

__all__ = ["store"]


@pytest.fixture
def server() -> Iterator[Server]:
    """A KurrentDB of one's own, which may be stopped."""
    with Server() as server:
        yield server


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """One try, and a short one."""
    monkeypatch.setattr(connection, "PATIENCE", 0)
    monkeypatch.setattr(connection, "TIMEOUT", 0.3)
    monkeypatch.setattr(kurrent, "LONG_TIMEOUT", 0.3)
