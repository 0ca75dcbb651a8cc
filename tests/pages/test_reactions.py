"""The page of the events that reactions have parked, and its two buttons."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.features import Feature
from accounts.models import Role, User
from eventlog.reactions import DOES
from eventstore.models import ParkedEvent
from eventstore.reactions.reaction import registry
from tests import factories
from tests.conftest import browser_of
from tests.pages.page_requests import text_of

pytestmark = pytest.mark.django_db
PAGE = "/administration/reactions/"


def parked_event(kind: str = "OrderPaid", *, stream: str = "order-1", **fields: Any) -> ParkedEvent:
    """An event that failed too often, unless the fields say otherwise."""
    usual = {"reaction": "mail", "version": 3, "attempts": 8, "error": "SMTPException: <b>full</b>"}
    position = ParkedEvent.objects.count() + 41
    return ParkedEvent.objects.create(position=position, stream=stream, type=kind, **usual | fields)


def soon() -> Any:
    return timezone.now() + timedelta(seconds=30)


def waiting(kind: str, **fields: Any) -> ParkedEvent:
    return parked_event(kind, attempts=0, error="", due_at=soon(), **fields)


def rows_of(browser: Client, query: str = "") -> list[str]:
    """The events shown, by type."""
    return [row.parked.type for row in browser.get(PAGE + query).context["listed"]]


def test_parked_events_are_listed_the_most_pressing_first(administration_client: Client) -> None:
    waiting("OrderStarted", is_timer=True)
    waiting("OrderShipped")
    parked_event("OrderCancelled", attempts=2, due_at=soon())
    parked_event("OrderPaid")
    assert rows_of(administration_client) == ["OrderPaid", "OrderCancelled", "OrderShipped", "OrderStarted"]
    words = text_of(administration_client.get(PAGE))
    assert "Mail to buyers Order paid Somebody has to look 8 just now never" in words
    for reason in ("Being tried again 2", "Waiting behind another 0", "Waiting for its time 0"):
        assert reason in words


def test_an_event_leads_to_its_stream_and_says_what_went_wrong(administration_client: Client) -> None:
    parked_event(stream="order-5")
    page = administration_client.get(PAGE).content.decode()
    assert 'href="/events/?stream=order-5"' in page
    assert "SMTPException: &lt;b&gt;full&lt;/b&gt;" in page


def test_it_speaks_of_the_order_by_its_number(administration_client: Client) -> None:
    order_id = factories.place_order()
    parked_event(stream=f"order-{order_id}")
    page = administration_client.get(PAGE)
    assert "Mail to buyers Order 1 : Order paid Somebody has to look" in text_of(page)
    assert f'href="/orders/{order_id}/"' in page.content.decode()
    assert str(order_id) not in text_of(page).partition("What went wrong")[0]


def test_every_reaction_has_words() -> None:
    assert {each.name for each in registry.values()} | {"bus"} == DOES.keys()


def test_only_what_has_failed_has_buttons(administration_client: Client) -> None:
    waits, failed = waiting("OrderStarted", is_timer=True), parked_event()
    page = administration_client.get(PAGE).content.decode()
    for verb in ("retry", "dismiss"):
        assert f"{PAGE}{failed.pk}/{verb}/" in page
        assert f"{PAGE}{waits.pk}/{verb}/" not in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?state=parked", ["OrderPaid"]),
        ("?state=retrying", ["OrderCancelled"]),
        ("?state=timer", ["OrderStarted"]),
        ("?q=shipping", ["OrderCancelled"]),
        ("?q=order-77", ["OrderStarted"]),
        ("?q=cancelled+shipping", ["OrderCancelled"]),
        ("?q=order+canceled", ["OrderCancelled"]),
        ("?q=Mail+to+BUYERS", ["OrderPaid", "OrderStarted"]),
        ("?q=order+1", ["OrderPaid"]),
        ("?q=7", []),
        ("?q=nothing", []),
        ("?state=odd&after=x-y", ["OrderPaid", "OrderCancelled", "OrderStarted"]),
    ],
)
def test_it_is_searched_and_narrowed(administration_client: Client, query: str, shown: list[str]) -> None:
    waiting("OrderStarted", stream="order-77", is_timer=True)
    parked_event("OrderCancelled", reaction="shipping", attempts=2, due_at=soon())
    order = factories.place_order({factories.create_product(): 1})
    parked_event("OrderPaid", stream=f"order-{order}")
    assert rows_of(administration_client, query) == shown


def test_a_page_goes_on_where_the_one_before_ended(
    administration_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventlog.reactions.PAGE", 2)
    waiting("Third")
    parked_event("First")
    parked_event("Second")
    page = administration_client.get(PAGE).content.decode()
    (after,) = re.findall(r'rel="next" href="\?after=([\w-]+)"', page)
    assert rows_of(administration_client) == ["First", "Second"]
    assert rows_of(administration_client, f"?after={after}") == ["Third"]


def test_the_page_says_that_nothing_is_parked(administration_client: Client) -> None:
    assert "Nothing is parked" in text_of(administration_client.get(PAGE))


def press(browser: Client, parked: ParkedEvent, verb: str, **data: object) -> str:
    return text_of(browser.post(f"{PAGE}{parked.pk}/{verb}/", data, follow=True))


def test_retry_lets_the_worker_try_at_once(administration_client: Client) -> None:
    parked = parked_event()
    words = press(administration_client, parked, "retry", attempts=8)
    assert "Succeeded asking for another attempt" in words
    parked.refresh_from_db()
    assert parked.due_at is not None
    assert parked.due_at <= timezone.now()


def test_retry_after_the_worker_has_tried_again_does_nothing(administration_client: Client) -> None:
    parked = parked_event(attempts=9)
    assert "Nothing was done" in press(administration_client, parked, "retry", attempts=8)
    parked.refresh_from_db()
    assert parked.due_at is None


@pytest.mark.parametrize("sent", [{}, {"attempts": "many"}, {"attempts": "0"}])
def test_a_retry_that_says_nothing_of_what_was_seen_does_nothing(
    administration_client: Client, sent: dict[str, object]
) -> None:
    parked = parked_event()
    assert "This form is incomplete" in press(administration_client, parked, "retry", **sent)
    parked.refresh_from_db()
    assert parked.due_at is None


def test_dismissed_twice_is_dismissed_once(administration_client: Client) -> None:
    parked = parked_event()
    assert "Succeeded dismissing event" in press(administration_client, parked, "dismiss")
    assert not ParkedEvent.objects.exists()
    assert "Nothing was done" in press(administration_client, parked, "dismiss")


def test_the_log_knows_who_dismissed_it(
    administration: User, administration_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    press(administration_client, parked_event(), "dismiss")
    assert any(line.startswith(f"{administration.actor} dismissed") for line in caplog.messages)


def test_health_and_administration_lead_here(administration_client: Client) -> None:
    parked_event()
    assert f'href="{PAGE}"' in administration_client.get("/administration/health/").content.decode()
    front = administration_client.get("/administration/")
    assert f'href="{PAGE}?state=parked"' in front.content.decode()
    assert "To look at 1" in text_of(front)


def test_somebody_who_may_see_no_events_is_led_to_none(db: None) -> None:
    user = User.objects.create_user("integrator")
    user.roles.add(Role.objects.create(name="Integration", features=[Feature.MANAGE_INTEGRATION]))
    parked_event()
    browser = browser_of(user)
    page = browser.get(PAGE).content.decode()
    assert "OrderPaid" in page
    assert "/events/" not in page
    assert browser.get("/administration/").status_code == 200
