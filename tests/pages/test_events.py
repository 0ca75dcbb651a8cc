"""Every stored event, as the page shows and filters them."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from eventlog import views
from eventstore.embedded.store import EmbeddedStore
from eventstore.store import Found, Selection
from support.work import Stage
from tests import factories
from tests.conftest import browser_of, person
from tests.pages.conftest import UseStore
from tests.pages.page_requests import FRAGMENT, queries_of, text_of

pytestmark = pytest.mark.django_db
PAGE = "/events/"


def types(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [entry.recorded.type for entry in answer.context["entries"]]


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_an_empty_store_says_so(administration_client: Client) -> None:
    assert "Nothing has happened yet" in words(administration_client.get(PAGE))


def test_the_newest_comes_first_with_its_data(administration_client: Client, control: User) -> None:
    work_id = factories.raise_work("Boiler <out>", at=factories.noon(1))
    factories.assign(work_id, factories.hire("Ada", "Lovelace"), by=control.actor)
    answer = administration_client.get(PAGE)
    assert types(answer) == ["WorkAssigned", "OperativeHired", "WorkRaised", "SiteAcquired"]
    page = words(answer)
    assert "&quot;title&quot;: &quot;Boiler &lt;out&gt;&quot;" in page
    assert "#1 Boiler &lt;out&gt;" in page
    assert reverse("job", args=[work_id]) in page
    assert ">Control</a>" in page
    assert f"work-{work_id}" in page
    for recorded in (entry.recorded for entry in answer.context["entries"]):
        assert str(recorded.id) in page
        assert str(recorded.correlation_id) in page


def test_a_fragment_is_the_page_without_its_frame(administration_client: Client) -> None:
    factories.hire()
    page = words(administration_client.get(PAGE, headers=FRAGMENT))
    assert "<html" not in page
    assert "OperativeHired" in page


def test_pages_follow_each_other_by_position(
    administration_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    for _ in range(5):
        factories.hire()
    positions, after = [], ""
    for _ in range(3):
        answer = administration_client.get(PAGE, {"type": "OperativeHired", "after": after})
        positions += [entry.recorded.position for entry in answer.context["entries"]]
        after = answer.context["page"].after
        assert after is None or f"type=OperativeHired&amp;after={after}" in words(answer)
    assert positions == sorted(positions, reverse=True)
    assert len(positions) == 5
    assert after is None


@pytest.mark.parametrize("category", ["work", "site", "operative"])
def test_a_stream_is_found_by_name_or_by_bare_id(administration_client: Client, category: str) -> None:
    site_id, operative_id = factories.acquire(), factories.hire()
    ids: dict[str, UUID] = {"site": site_id, "operative": operative_id}
    ids["work"] = factories.raise_work(site_ids=[site_id])
    expected = {"work": "WorkRaised", "site": "SiteAcquired", "operative": "OperativeHired"}[category]
    key = ids[category]
    for text in (f"{category}-{key}", str(key), f" {str(key).upper()} ", key.hex):
        answer = administration_client.get(PAGE, {"stream": text})
        assert types(answer) == [expected], text


@pytest.mark.parametrize("text", ["2", "#2", " 2 "])
def test_a_job_is_found_by_its_number(administration_client: Client, text: str) -> None:
    factories.raise_work("Boiler out")
    factories.work_at(Stage.ASSIGNED, title="Lift stuck")
    answer = administration_client.get(PAGE, {"stream": text})
    assert types(answer) == ["WorkAssigned", "WorkRaised"]
    assert "#2 Lift stuck" in words(answer)


@pytest.mark.parametrize("text", ["Order 1", "order #1", "ORDER1", "1", "#1"])
def test_an_order_is_found_by_its_number(administration_client: Client, text: str) -> None:
    order = factories.place_order({factories.create_product(): 1})
    answer = administration_client.get(PAGE, {"stream": text})
    assert [group.stream for group in answer.context["groups"]] == [f"order-{order}"]
    assert "Order 1" in words(answer)


def test_a_bare_number_is_a_jobs_before_it_is_an_orders(administration_client: Client) -> None:
    factories.place_order({factories.create_product(): 1})
    factories.raise_work("Boiler out")
    assert "#1 Boiler out" in words(administration_client.get(PAGE, {"stream": "1"}))
    assert "#1 Boiler out" in words(administration_client.get(PAGE, {"stream": "job 1"}))


def test_events_stand_under_what_they_are_about(administration_client: Client) -> None:
    first = factories.raise_work("Boiler out")
    factories.assign(first, factories.hire("Ada", "Lovelace"))
    factories.set_out(first)
    answer = administration_client.get(PAGE)
    groups = answer.context["groups"]
    assert [(each.subject.name, [entry.recorded.type for entry in each.entries]) for each in groups] == [
        ("#1 Boiler out", ["OperativeDispatched", "WorkAssigned", "WorkRaised"]),
        ("Ada Lovelace", ["OperativeHired"]),
        ("1 Harbour Street, Whitby", ["SiteAcquired"]),
    ]
    html = answer.content.decode()
    assert re.findall(r'class="events-about">\s*<a href="(/work/[^"]+)"', html) == [f"/work/{first}/"]


def test_types_are_chosen_under_what_they_are_about(administration_client: Client) -> None:
    html = administration_client.get(PAGE).content.decode()
    found = {
        label: re.findall(r'<option value="(\w+)"', part)
        for label, part in re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', html, re.DOTALL)
    }
    assert list(found) == ["Work", "Sites", "Operatives", "Products", "Orders", "Buyers"]
    assert {"WorkRaised", "OperativeArrived", "WorkChangeUndone"} <= set(found["Work"])
    assert set(found["Operatives"]) == {"OperativeHired", "OperativeRenamed", "OperativeReleased"}


@pytest.mark.parametrize("text", ["work-unheard-of", "5c76b645-0f3f-4530-b4b3-0d380a78aa25", "%", "' OR 1=1"])
def test_a_stream_that_is_not_there(administration_client: Client, text: str) -> None:
    factories.hire()
    answer = administration_client.get(PAGE, {"stream": text})
    assert types(answer) == []
    assert "No event fits" in words(answer)


def test_events_of_one_type(administration_client: Client) -> None:
    factories.work_at(Stage.COMPLETED)
    assert types(administration_client.get(PAGE, {"type": "WorkCompleted"})) == ["WorkCompleted"]


@pytest.mark.parametrize("text", ["nell", "Nell Gray", "nell gray", "GRAY", "nell grya"])
def test_events_by_somebody_by_username_or_name(administration_client: Client, text: str) -> None:
    nell = person("nell", first_name="Nell", last_name="Gray")
    factories.hire(by=nell.actor)
    factories.acquire()
    for actor in (text, nell.actor):
        assert types(administration_client.get(PAGE, {"actor": actor})) == ["OperativeHired"]


@pytest.mark.parametrize("text", ["\u00d6ZLEM O'Brien", "ozlem obrien", "\u00f6zlem"])
def test_events_by_somebody_in_any_spelling_of_the_name(administration_client: Client, text: str) -> None:
    somebody = person("oz", first_name="\u00d6zlem", last_name="O\u2019Brien")
    factories.hire(by=somebody.actor)
    factories.acquire()
    assert types(administration_client.get(PAGE, {"actor": text})) == ["OperativeHired"]


def test_events_by_what_is_no_person(administration_client: Client) -> None:
    factories.hire(by="import")
    factories.acquire()
    assert types(administration_client.get(PAGE, {"actor": "import"})) == ["OperativeHired"]


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({"since": "2026-03-02T12:00"}, [3, 2]),
        ({"since": "2026-03-02T12:01"}, [3]),
        ({"until": "2026-03-02T12:00"}, [1]),
        ({"until": "2026-03-02"}, [2, 1]),
        ({"since": "2026-03-02", "until": "2026-03-02"}, [2]),
        ({"since": "2026-03-04"}, []),
        ({"since": "2026-03-03T04:00+16:00"}, [3, 2]),
        ({"since": "2026-03-03T04:00+16:00", "until": "2026-03-01T13:00-23:59"}, [2]),
    ],
)
def test_events_of_a_time(administration_client: Client, query: dict[str, str], days: list[int]) -> None:
    """In March the zone of the tests, London, is at UTC; a day as an end is the whole of it."""
    for day in (1, 2, 3):
        factories.hire(at=factories.noon(day))
    answer = administration_client.get(PAGE, query)
    assert [entry.recorded.occurred_at.day for entry in answer.context["entries"]] == days


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ({"type": "Nope"}, "There is no event type “Nope”"),
        ({"actor": "nobody"}, "Nobody called nobody is known"),
        ({"since": "yesterday"}, "“yesterday” is no time"),
        ({"until": "2026-02-30"}, "“2026-02-30” is no time"),
        ({"until": "9999-12-31"}, "Write a year from 1970 to 2199"),
        ({"since": "0001-01-01T00:00"}, "Write a year from 1970 to 2199"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "This does not lie after the beginning"),
        ({"after": "x"}, "A page begins after the position of an event"),
        ({"after": "0"}, "greater than or equal to 1"),
        ({"after": str(10**30)}, "less than or equal to"),
        ({"stream": "a\0b"}, "Null characters are not allowed"),
        ({"stream": "x" * 121}, "At most 120 characters; this has 121"),
    ],
)
def test_a_filter_that_makes_no_sense_says_why(
    administration_client: Client, query: dict[str, str], fault: str
) -> None:
    factories.hire()
    answer = administration_client.get(PAGE, query)
    assert answer.status_code == 422
    assert fault in words(answer)
    assert "The filter cannot be understood" in words(answer)


class Forgetful(EmbeddedStore):
    """Looks at three events for one page, as KurrentDB does at ten thousand."""

    def browse(self, selection: Selection, *, limit: int, before: int | None = None) -> Found:
        looked_at = super().browse(Selection(), limit=3, before=before)
        wanted = [each for each in looked_at.events if each.type in (selection.types or [each.type])]
        return Found(wanted[:limit], looked_at.before)


def test_a_search_that_stops_short_says_how_far_it_has_looked(
    administration_client: Client, use_store: UseStore
) -> None:
    factories.hire()
    for _ in range(7):
        factories.acquire()
    use_store(Forgetful())
    after = ""
    for _ in range(2):
        answer = administration_client.get(PAGE, {"type": "OperativeHired", "after": after})
        assert types(answer) == []
        assert "Nothing found yet So far only what was recorded after" in text_of(answer)
        assert "Older" in text_of(answer)
        after = answer.context["page"].after
        assert f"after={after}" in words(answer)
    answer = administration_client.get(PAGE, {"type": "SiteAcquired"})
    assert types(answer) == ["SiteAcquired"] * 3
    assert "So far only what was recorded after" in text_of(answer)


def test_a_search_that_has_looked_at_everything_ends(
    administration_client: Client, use_store: UseStore
) -> None:
    hired = factories.hire()
    for _ in range(3):
        factories.acquire()
    use_store(Forgetful())
    first = administration_client.get(PAGE, {"type": "OperativeHired"})
    assert types(first) == []
    after = first.context["page"].after
    last = administration_client.get(PAGE, {"type": "OperativeHired", "after": after})
    assert types(last) == ["OperativeHired"]
    assert str(hired) in words(last)
    assert "So far" not in text_of(last)
    assert "Older" not in text_of(last)
    assert "Newest" in text_of(last)


def test_two_of_the_same_name_are_distinguished(administration_client: Client) -> None:
    for username in ("ann1", "ann2"):
        person(username, first_name="Ann", last_name="Lee")
    answer = administration_client.get(PAGE, {"actor": "Ann Lee"})
    assert "Several people are called Ann Lee: write ann1, ann2" in words(answer)


def test_links_lead_only_where_the_reader_may_go(response: User) -> None:
    response.roles.add(Role.objects.create(name="Auditor", features=["see_events"]))
    operative_id = factories.hire("Ada", "Lovelace")
    page = words(browser_of(response).get(PAGE))
    assert "Ada Lovelace" in page
    assert reverse("operative", args=[operative_id]) not in page
    assert reverse("administration-operative", args=[operative_id]) not in page


def test_the_page_costs_the_same_however_many_events(administration_client: Client, control: User) -> None:
    factories.assign(factories.raise_work(by=control.actor), factories.hire())
    before = queries_of(administration_client, PAGE)
    for _ in range(5):
        factories.assign(factories.raise_work(by=control.actor), factories.hire())
    assert queries_of(administration_client, PAGE) == before <= 10
    assert queries_of(administration_client, f"{PAGE}?stream={uuid4()}&actor=control") <= 10


def test_an_event_of_an_order_leads_to_its_page(administration_client: Client) -> None:
    product_id = factories.create_product("Fan belt")
    order_id = factories.place_order({product_id: 2})
    factories.verify_buyer(order_id)
    page = administration_client.get("/events/").content.decode()
    assert f'href="/orders/{order_id}/"' in page
    assert f'href="/products/{product_id}/"' in page
    assert "Grace Hopper" in page
