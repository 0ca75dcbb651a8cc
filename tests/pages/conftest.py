"""Stores that are not well."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from eventstore.current import current_store
from eventstore.embedded.store import EmbeddedStore
from eventstore.store import EventStore, Unreachable

UseStore = Callable[[EventStore], None]
Unreached = Callable[..., None]


class Away:
    """A store of which nothing answers."""

    def __getattr__(self, name: str) -> Any:
        def refuse(*_: Any, **__: Any) -> None:
            raise Unreachable("GrpcDeadlineExceeded: no answer")

        return refuse


class Silent(EmbeddedStore):
    """A store that reads, but never answers an append: nobody knows whether it took it."""

    def append(self, *_: Any, **__: Any) -> int:
        raise Unreachable("GrpcDeadlineExceeded: no answer", nothing_changed=False)


@pytest.fixture
def use_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[UseStore]:
    """Makes another store the current one."""

    def use(store: EventStore) -> None:
        monkeypatch.setattr("eventstore.embedded.store.EmbeddedStore", lambda: store)
        current_store.cache_clear()

    yield use
    monkeypatch.undo()
    current_store.cache_clear()


@pytest.fixture
def unreachable(use_store: UseStore) -> Unreached:
    """From here on the store does not answer; with `silent` it reads, but leaves appends unanswered."""
    return lambda *, silent=False: use_store(Silent() if silent else Away())
