"""Each of a worker's connections to PostgreSQL is ended in mid-stream, as an administrator may do."""

from pathlib import Path

import pytest
from django.db import OperationalError, connection

from eventstore.database import sql
from eventstore.embedded.store import EmbeddedStore
from eventstore.models import Checkpoint, ParkedEvent
from eventstore.projections.read_model import registry
from eventstore.projections.rebuild import verify
from eventstore.reactions.reaction import registry as reactions
from readmodels.models import SiteRow
from tests import factories
from tests.worker.extras import caretaker_of
from tests.worker.processes import Worker, wait_for

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("worker"),
]

OTHERS = "datname = current_database() AND pid <> pg_backend_pid()"
HOLD_LOCKS = "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 4300)"
WHICH = {
    "that listen": "query LIKE 'LISTEN %'",
    "that hold the locks, read and project": HOLD_LOCKS,
    "of every kind": "true",
}


def ended(which: str) -> int:
    """How many connections there were, and are no more."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OTHERS} AND {which}")
        return len(cursor.fetchall())


def all_stand_at_the_head() -> bool:
    head = EmbeddedStore().head()
    stood = dict(Checkpoint.objects.values_list("name", "position"))
    everybody = len(registry) + len(reactions) + 1  # the last is the worker's own (tests/worker/extras.py)
    return len(stood) == everybody and set(stood.values()) == {head}


@pytest.mark.parametrize("which", WHICH)
def test_a_worker_goes_on_when_its_connections_are_ended(which: str, tmp_path: Path) -> None:
    with Worker(tmp_path) as worker:
        site_ids = [factories.acquire(town="Town")]
        wait_for("the first", all_stand_at_the_head)
        for _ in range(3):
            site_ids += [factories.acquire(town="Town") for _ in range(3)]
            wait_for("connections to end", lambda: ended(WHICH[which]) > 0)
            site_ids += [factories.acquire(town="Town") for _ in range(3)]
            wait_for("all sites", lambda: SiteRow.objects.count() == len(site_ids))  # noqa: B023
            wait_for("all to stand at the head", all_stand_at_the_head)
        assert "Cannot go on (OperationalError" in worker.log
        assert worker.terminate() == 0
    for each in site_ids:
        assert len(EmbeddedStore().read_stream(f"operative-{caretaker_of(each)}")) == 1
    assert not ParkedEvent.objects.exists()
    for read_model in registry.values():
        assert verify(read_model, progress=lambda *_: None).count == 0


def test_a_connection_that_ends_as_soon_as_it_has_begun_is_the_databases_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = sql.connect()
    assert ended(f"pid = {begun.info.backend_pid}") == 1
    monkeypatch.setattr(sql, "connect", lambda: begun)
    with pytest.raises(OperationalError):
        EmbeddedStore().subscribe(0)
