"""Processes to be killed, on the database of the run and on each store in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.crashes.child import MAIL, Children
from tests.eventstore.conftest import INLINE, KURRENT
from tests.eventstore.store_urls import current_url


@pytest.fixture
def children(
    store: str, transactional_db: None, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Children]:
    """Children for the store of the test's parameter."""
    environment = {
        "DATABASE_URL": current_url(),
        "PROJECTION": "inline" if store == INLINE else "worker",
        "EVENT_STORE_URL": request.getfixturevalue("kurrent_url") if store == KURRENT else "",
        MAIL: str(tmp_path / "mail"),
    }
    with Children(environment, settings.BASE_DIR) as children:
        yield children
