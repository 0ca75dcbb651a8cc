"""A server on the test's database, and a person who may read the feed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.models import User
from tests.feed.stream_readers import cookies_of
from tests.feed.uvicorn_server import Server


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    """Callout under uvicorn."""
    with Server(tmp_path) as server:
        yield server


@pytest.fixture
def may_see(transactional_db: None, administration: User) -> dict[str, str]:
    """The headers of a person who may see events."""
    return cookies_of(administration)
