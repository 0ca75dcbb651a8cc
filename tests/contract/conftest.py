"""Registries that a test may add to."""

import pytest

from eventstore import codec, contract, events
from eventstore.management.commands import write_contract

__all__ = ["write_contract"]  # which loads all that is under contract before a test takes it away


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test register events, upcasters and promises of its own, and forget them afterwards."""
    monkeypatch.setattr(events, "_by_name", dict(events._by_name))
    monkeypatch.setattr(events, "_by_class", dict(events._by_class))
    monkeypatch.setattr(codec, "_upcasters", dict(codec._upcasters))
    monkeypatch.setattr(contract, "_others", list(contract._others))
    monkeypatch.setattr(contract, "_rules", dict(contract._rules))
