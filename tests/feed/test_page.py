"""Pages of the feed: `api.feed.page`."""

import pytest

from api import feed
from api.failures import Unacceptable
from api.feed import page
from eventstore.embedded.store import EmbeddedStore
from tests.eventstore.new_events import new_stream, note, notes
from tests.eventstore.threads import PATIENCE, Beside

pytestmark = pytest.mark.django_db(transaction=True)


def append(*types: str) -> None:
    for each in types:
        EmbeddedStore().append(new_stream(), -1, [note(event_type=each)])


def test_pages_follow_each_other_without_a_gap() -> None:
    EmbeddedStore().append(new_stream(), -1, notes(25))
    seen: list[int] = []
    position, more = 0, True
    while more:
        found = page(after=position, limit=10)
        seen += [each.position for each in found.events]
        position, more = found.position, found.more
    assert seen == [each.position for each in EmbeddedStore().read_all(0, 100)]


def test_a_filter_moves_on_over_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "READ", 2)
    monkeypatch.setattr(feed, "SCANNED", 4)
    append(*["Noted"] * 6, "Sung")
    first = page(types={"Sung"})
    assert (first.events, first.more) == ([], True)
    second = page(after=first.position, types={"Sung"})
    assert [each.type for each in second.events] == ["Sung"]
    assert second.position == EmbeddedStore().head()


def test_a_page_is_held_back_until_there_is_something() -> None:
    append("Noted")
    after = EmbeddedStore().head()
    with Beside() as beside:
        waiting = beside.run(lambda: page(after=after, types={"Sung"}, wait=30))
        append("Noted", "Sung")
        assert [each.type for each in waiting.result(PATIENCE).events] == ["Sung"]


def test_nothing_comes_of_waiting_in_vain() -> None:
    append("Noted")
    after = EmbeddedStore().head()
    found = page(after=after, wait=0.1)
    assert (found.events, found.position, found.more) == ([], after, False)


def test_nobody_waits_at_a_position_that_the_store_has_not_come_to() -> None:
    append("Noted")
    with pytest.raises(Unacceptable):
        page(after=EmbeddedStore().head() + 1, wait=30)
