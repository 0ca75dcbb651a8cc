"""Foreign events in KurrentDB: skipped, they count for their stream and stop nobody."""

from collections.abc import Iterator
from uuid import uuid4

import esdbclient
import pytest
from django.conf import settings
from django.test import Client
from esdbclient import EventStoreDBClient, StreamState

from accounts.models import User
from eventstore.dispatch import dispatch
from eventstore.kurrent.store import KurrentStore
from eventstore.projections.advance import advance
from eventstore.store import NO_STREAM, Declined, EventStore, Selection, WrongVersion
from readmodels.models import SiteRow
from sites.commands import CorrectSite
from sites.site import SITE
from tests import factories
from tests.conftest import browser_of
from tests.eventstore.new_events import new_stream, note

pytestmark = pytest.mark.django_db(transaction=True)

BINARY = b"\x00\xff"


@pytest.fixture
def others(kurrent_url: str) -> Iterator[EventStoreDBClient]:
    """Somebody at the server's own page."""
    with EventStoreDBClient(kurrent_url) as client:
        yield client


def put(others: EventStoreDBClient, stream: str, kind: str = "SiteAcquired", data: bytes = b"{}") -> None:
    """An event without our metadata at the end of a stream of ours."""
    name = f"{settings.EVENT_STORE_PREFIX}.{stream}"
    new = esdbclient.NewEvent(type=kind, data=data, metadata=b"")
    others.append_to_stream(name, current_version=StreamState.ANY, events=[new])


def delete_for_good(others: EventStoreDBClient, stream: str) -> None:
    others.tombstone_stream(f"{settings.EVENT_STORE_PREFIX}.{stream}", current_version=StreamState.ANY)


@pytest.mark.parametrize(
    ("data", "told"), [(b'{"a": 1}', '{"a": 1}'), (b"hello", '"hello"'), (BINARY, '"AP8="')]
)
def test_an_event_of_somebody_else_is_shown_under_a_name_that_nobody_handles(
    kurrent: EventStore, others: EventStoreDBClient, data: bytes, told: str
) -> None:
    stream = new_stream()
    kurrent.append(stream, NO_STREAM, [note()])
    put(others, stream, data=data)
    for found in (kurrent.read_stream(stream), kurrent.read_all(0, 10)):
        assert [each.is_foreign for each in found] == [False, True]
        assert (found[1].type, found[1].version, found[1].data) == ("foreign SiteAcquired", 1, told)
    assert kurrent.head() == found[1].position
    assert kurrent.backlog(0).events == 2
    assert [each.type for each in kurrent.browse(Selection(), limit=1).events] == [found[1].type]


def test_what_the_server_wrote_is_passed_over_and_counts_in_its_stream(
    kurrent: EventStore, others: EventStoreDBClient
) -> None:
    stream = new_stream()
    first = kurrent.append(stream, NO_STREAM, [note()])
    for _ in range(3):
        put(others, stream, kind="$>", data=b"0@elsewhere")
    assert [each.version for each in kurrent.read_stream(stream)] == [0, 1, 2, 3]
    assert kurrent.head() == first
    assert len(kurrent.read_all(0, 1)) == 1
    assert kurrent.read_all(first, 1) == []
    last = kurrent.append(stream, 3, [note()])
    assert [each.position for each in kurrent.read_all(first, 1)] == [last]


def test_a_follower_moves_on_over_a_tombstone(kurrent: EventStore, others: EventStoreDBClient) -> None:
    gone, stays = new_stream(), new_stream()
    kurrent.append(gone, NO_STREAM, [note()])
    delete_for_good(others, gone)
    last = kurrent.append(stays, NO_STREAM, [note()])
    subscription, seen, position = kurrent.subscribe(0), 0, 0
    while position < last:
        batch = subscription.next(10, 10)
        assert batch is not None
        seen, position = seen + len(batch.events), batch.position
    subscription.close()
    assert seen == 2


def test_read_models_pages_and_commands_go_on(
    kurrent: EventStore, others: EventStoreDBClient, administration: User, root: User
) -> None:
    site_id = factories.acquire()
    stream = SITE.stream(site_id)
    put(others, stream)
    put(others, stream, kind="$>", data=b"0@elsewhere")
    gone = f"site-{uuid4()}"
    put(others, gone)
    delete_for_good(others, gone)
    while advance():
        pass
    browser = browser_of(administration)
    assert browser.get("/health/alarms/").status_code == 200
    events = browser.get("/events/")
    assert events.status_code == 200
    assert b"foreign SiteAcquired" in events.content
    assert browser_of(root).get("/api/events?after=0").status_code == 200
    assert SiteRow.objects.count() == 1
    command = CorrectSite(
        site_id=site_id,
        address_line_1="2 Harbour Street",
        town="Whitby",
        post_code="YO21 1AA",
        telephone_number="01947 600001",
    )
    outcome = dispatch(command, to=SITE, by="user-1", expected_version=0)
    assert outcome.version == 3
    with pytest.raises(WrongVersion):
        dispatch(command, to=SITE, by="user-1", expected_version=0)


def test_a_copy_of_the_store_carries_it(kurrent: EventStore, others: EventStoreDBClient) -> None:
    from eventstore.transfer.portable import portable

    stream = new_stream()
    put(others, stream, data=BINARY)
    (recorded,) = kurrent.read_stream(stream)
    prefix = f"test{uuid4().hex}"
    other = KurrentStore(settings.EVENT_STORE_URL, prefix=prefix)
    other.append(stream, NO_STREAM, [portable(recorded).new])
    assert portable(other.read_stream(stream)[0]) == portable(recorded)
    other.close()


def test_a_command_to_a_stream_that_was_deleted_is_declined(
    kurrent: EventStore, others: EventStoreDBClient
) -> None:
    site_id = factories.acquire()
    delete_for_good(others, SITE.stream(site_id))
    with pytest.raises(Declined, match="deleted for good"):
        factories.correct(site_id, town="Whitby")
    with pytest.raises(Declined, match="deleted for good"):
        kurrent.append(SITE.stream(site_id), 0, [note()])


def test_a_page_of_a_stream_that_was_deleted_says_that_the_store_declines(
    kurrent: EventStore, others: EventStoreDBClient, administration_client: Client
) -> None:
    stream = f"site-{uuid4()}"
    put(others, stream)
    delete_for_good(others, stream)
    page = administration_client.get(f"/events/?stream={stream}")
    assert page.status_code == 503
    assert b"The event store declines this" in page.content
