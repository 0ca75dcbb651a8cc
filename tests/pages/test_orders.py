"""The list of orders, one order, its buyer, and the job that it is for."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from eventstore.dispatch import dispatch
from eventstore.models import StoredEvent
from orders.buyer import BUYER, former_id_of
from orders.commands import VerifyPaymentMethod
from orders.order import Status
from orders.views import buyer as buyer_view
from orders.views import order_list
from readmodels.models import OrderLineRow, OrderRow
from tests import factories
from tests.conftest import browser_of
from tests.pages.conftest import Unreached
from tests.pages.page_requests import FRAGMENT, queries_of, said, send, text_of

pytestmark = pytest.mark.django_db
LIST = "/orders/"
STATUSES = [each for each in Status if each is not Status.NONE]


def one(order_id: UUID) -> str:
    return f"/orders/{order_id}/"


def numbers(answer: Any) -> list[int]:
    return [row.number for row in answer.context["page"].rows]


def status_of(order_id: UUID) -> str:
    return OrderRow.objects.get(pk=order_id).get_status_display()


# --- The list --------------------------------------------------------------------------------------


def test_an_empty_list_says_what_to_do(control_client: Client, administration_client: Client) -> None:
    assert "No orders yet Place the first" in text_of(control_client.get(LIST))
    words = text_of(administration_client.get(LIST))
    assert "Response, Control and operatives place them" in words
    assert "New order" not in words


def test_orders_are_listed_newest_first_with_what_is_in_them(control_client: Client) -> None:
    belt = factories.create_product("Fan belt", "12.50")
    factories.place_order({belt: 2})
    factories.place_order({belt: 1, factories.create_product("Filter", "3.05"): 3}, buyer="Ada Lovelace")
    answer = control_client.get(LIST)
    assert numbers(answer) == [2, 1]
    words = text_of(answer)
    assert "Submitted Ada Lovelace 1 \u00d7 Fan belt, 3 \u00d7 Filter \u00a321.65 just now" in words
    assert "Submitted Grace Hopper 2 \u00d7 Fan belt \u00a325.00 just now" in words


@pytest.mark.parametrize("status", STATUSES, ids=str)
def test_orders_are_found_by_status(control_client: Client, status: Status) -> None:
    for each in STATUSES:
        factories.order_at(each)
    found = control_client.get(LIST, {"status": OrderRow.Status(status.name.lower())})
    assert [row.get_status_display() for row in found.context["page"].rows] == [status.value]
    opened = control_client.get(LIST, {"status": "open"})
    assert numbers(opened) == [4, 3, 2, 1]


@pytest.mark.parametrize("text", ["øster", "ØSTER", "håkon øster", "ÉLODIE@example"])
def test_buyers_are_found_in_any_case_of_any_letter(control_client: Client, text: str) -> None:
    factories.place_order()
    factories.place_order(buyer="Håkon ØSTERGÅRD", email="élodie@example.com")
    assert numbers(control_client.get(LIST, {"buyer": text})) == [2]


@pytest.mark.parametrize("text", ["lovelace", "ADA", "ada@example", "ada love"])
def test_orders_are_found_by_buyer(control_client: Client, text: str) -> None:
    factories.place_order()
    factories.place_order(buyer="Ada Lovelace", email="ada@example.com")
    assert numbers(control_client.get(LIST, {"buyer": text})) == [2]
    assert "No order fits" in text_of(control_client.get(LIST, {"buyer": "nobody"}))


def test_orders_are_found_by_the_day_on_which_they_were_placed(control_client: Client) -> None:
    for day in (1, 2, 3):
        factories.place_order(at=factories.noon(day))
    assert numbers(control_client.get(LIST, {"since": "2026-03-02"})) == [3, 2]
    assert numbers(control_client.get(LIST, {"until": "2026-03-02"})) == [2, 1]
    assert numbers(control_client.get(LIST, {"since": "2026-03-02", "until": "2026-03-02"})) == [2]


def test_pages_follow_each_other_without_gap(control_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_list, "PAGE", 2)
    belt = factories.create_product()
    for _ in range(5):
        factories.place_order({belt: 1})
    seen: list[list[int]] = []
    after: str | None = ""
    while after is not None:
        answer = control_client.get(LIST, {"after": after})
        seen.append(numbers(answer))
        after = answer.context["page"].after
    assert seen == [[5, 4], [3, 2], [1]]


@pytest.mark.parametrize(
    "asked",
    [
        {"after": "x"},
        {"after": "-1"},
        {"after": "\u0661"},
        {"after": "9" * 30},
        {"after": "\0"},
        {"status": "lost"},
        {"buyer": "x" * 101},
        {"buyer": "a\0b"},
        {"since": "soon"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"since": "2026-03-02", "until": "2026-03-01"},
    ],
    ids=str,
)
def test_what_cannot_be_understood_is_said(control_client: Client, asked: dict[str, str]) -> None:
    factories.place_order()
    answer = control_client.get(LIST, asked)
    assert answer.status_code == 422
    assert 'class="fault"' in answer.content.decode()


def test_a_place_far_beyond_the_last_order_is_a_place(control_client: Client) -> None:
    factories.place_order()
    assert numbers(control_client.get(LIST, {"after": "9" * 9})) == [1]
    assert "There are no more orders" in text_of(control_client.get(LIST, {"after": "1"}))


def test_the_number_of_queries_does_not_grow_with_the_list(control_client: Client) -> None:
    factories.place_order()
    few = queries_of(control_client, LIST)
    for _ in range(5):
        factories.place_order()
    assert queries_of(control_client, LIST) == few


def test_a_fragment_is_the_list_without_its_frame(control_client: Client) -> None:
    factories.place_order()
    answer = control_client.get(LIST, {"status": "", "buyer": "grace"}, headers=FRAGMENT)
    assert "<html" not in answer.content.decode()
    assert answer.headers["HX-Push-Url"] == "/orders/?buyer=grace"


def test_only_who_manages_orders_is_led_to_buyers(control_client: Client, response_client: Client) -> None:
    buyer_id = factories.verify_buyer(factories.place_order())
    link = f'href="/orders/buyers/{buyer_id}/"'
    assert link in control_client.get(LIST).content.decode()
    assert link not in response_client.get(LIST).content.decode()


# --- One order -------------------------------------------------------------------------------------

WAITS = {
    Status.SUBMITTED: "Waits for The buyer and the card to be verified.",
    Status.AWAITING_VALIDATION: "Waits for Its stock: 0 of 2 products reserved.",
    Status.STOCK_CONFIRMED: "Waits for Its payment.",
    Status.PAID: "Waits for Somebody to ship it.",
}


@pytest.mark.parametrize("status", STATUSES, ids=str)
def test_an_order_says_where_it_stands_and_what_it_waits_for(response_client: Client, status: Status) -> None:
    products = {factories.create_product(): 1, factories.create_product("Filter"): 1}
    words = text_of(response_client.get(one(factories.order_at(status, products))))
    assert f"Order 1 {status.value}" in words
    if status in WAITS:
        assert WAITS[status] in words
    else:
        assert "Waits for" not in words
    assert ("Because Ordered by mistake" in words) == (status is Status.CANCELLED)


def test_a_verified_order_waits_for_its_buyer_to_think_it_over(response_client: Client) -> None:
    order_id = factories.place_order()
    factories.verify_buyer(order_id)
    assert "Waits for The time to think it over to pass" in text_of(response_client.get(one(order_id)))


def test_the_discount_shows_in_lines_and_totals(control_client: Client) -> None:
    belt, filters = (
        factories.create_product("Fan belt", "6000.01"),
        factories.create_product("Filter", "3.05"),
    )
    crossing = factories.order_at(Status.PAID, {belt: 1})
    assert "% off" not in text_of(control_client.get(one(crossing))).split("What led to what")[0]
    after = factories.order_at(Status.PAID, {belt: 1, filters: 1})
    words = text_of(control_client.get(one(after)))
    # Each line to the cent: 6000.01 is 5400.01 after it, 3.05 is 2.75.
    assert "Filter reserved 1 \u00a33.05 \u2212\u00a30.30 \u00a32.75" in words
    assert (
        "Before the discount \u00a36,003.06 Discount of 10% \u2212\u00a3600.30 Total \u00a35,402.76" in words
    )


def test_a_line_that_is_not_in_stock_is_marked(control_client: Client) -> None:
    few = factories.create_product("Pump", stock=1)
    order_id = factories.order_at(Status.STOCK_CONFIRMED, {few: 2, factories.create_product("Filter"): 1})
    words = text_of(control_client.get(one(order_id)))
    assert "Order 1 Cancelled" in words
    assert "Pump not in stock" in words
    assert "Because The product items don't have stock: Pump." in words


def chain(answer: Any) -> str:
    """The page's text about cause and effect, without the times."""
    words = text_of(answer).split("What led to what ")[1].split(" Keys ")[0]
    return re.sub(r",? \d\d:\d\d", "", words)


def test_the_whole_chain_across_aggregates_each_with_its_cause(
    control: User, response_client: Client
) -> None:
    belt = factories.create_product("Fan belt", "12.50")
    order_id = factories.order_at(Status.PAID, {belt: 2}, by=control.actor)
    factories.ship_order(order_id, by=control.actor)
    assert chain(response_client.get(one(order_id))) == (
        "The order was placed Control "
        "Grace Hopper became a buyer because: The order was placed "
        "Visa ending in 1111 was verified because: The order was placed "
        "The buyer and the card are known; \u00a325.00 to pay because: Visa ending in 1111 was verified "
        "The time to think it over has passed because: The buyer and the card are known; \u00a325.00 to pay "
        "2 \u00d7 Fan belt reserved because: The time to think it over has passed "
        "Fan belt is certain because: 2 \u00d7 Fan belt reserved "
        "Everything is reserved; \u00a325.00 are asked for because: 2 \u00d7 Fan belt reserved "
        "\u00a325.00 were paid Reference sim-1 "
        "because: Everything is reserved; \u00a325.00 are asked for "
        "The buyer has now paid \u00a325.00 in all because: \u00a325.00 were paid "
        "The order was shipped Control"
    )


def test_the_chain_holds_nothing_of_another_order(response_client: Client) -> None:
    belt = factories.create_product("Fan belt")
    early = factories.order_at(Status.CANCELLED, {belt: 3})
    order_id = factories.order_at(Status.STOCK_CONFIRMED, {belt: 5})
    factories.order_at(Status.PAID, {belt: 4})
    factories.cancel_order(order_id)
    told = chain(response_client.get(one(order_id)))
    assert "5 \u00d7 Fan belt went back into stock because: The order was cancelled" in told
    assert "4 \u00d7" not in told
    assert "paid" not in told
    assert "reserved" not in chain(response_client.get(one(early)))


def test_an_event_that_this_code_does_not_know_is_told_all_the_same(response_client: Client) -> None:
    order_id = factories.order_at(Status.PAID)
    StoredEvent.objects.filter(type="OrderAwaitingValidation").update(type="OrderImagined", data="no JSON")
    answer = response_client.get(one(order_id))
    assert answer.status_code == 200
    assert "OrderImagined" in text_of(answer)


def test_events_are_one_press_deeper_for_those_who_may_see_them(
    administration_client: Client, response_client: Client
) -> None:
    order_id = factories.order_at(Status.SHIPPED)
    events = StoredEvent.objects.exclude(type="ProductCreated").count()
    page = administration_client.get(one(order_id)).content
    assert page.count(b'<details class="envelope') == events
    assert b'<details class="envelope' not in response_client.get(one(order_id)).content


def test_an_order_that_no_read_model_knows_yet_has_a_story(response_client: Client) -> None:
    order_id = factories.place_order()
    OrderLineRow.objects.all().delete()
    OrderRow.objects.all().delete()
    assert "The order was placed" in text_of(response_client.get(one(order_id)))


def test_while_the_store_is_away_the_facts_are_there(control_client: Client, unreachable: Unreached) -> None:
    order_id = factories.place_order()
    unreachable()
    words = text_of(control_client.get(one(order_id)))
    assert "The story cannot be told just now" in words
    assert "Order 1 Submitted" in words
    assert "Cancel Order" not in words


@pytest.mark.parametrize("step", ["", "ship/", "cancel/"])
def test_there_is_no_such_order(control_client: Client, step: str) -> None:
    address = f"{one(uuid4())}{step}"
    answer = send(control_client, address) if step else control_client.get(address)
    assert answer.status_code == 404


def test_text_is_shown_and_not_run(control_client: Client) -> None:
    belt = factories.create_product("<b>Belt")
    order_id = factories.place_order({belt: 1}, buyer="<script>alert(1)</script>")
    factories.verify_buyer(order_id)
    for address in (LIST, one(order_id), "/orders/new/"):
        page = control_client.get(address).content
        assert b"<script>alert" not in page
        assert b"<b>Belt" not in page


# --- Ship it, cancel it ----------------------------------------------------------------------------


def test_a_paid_order_is_shipped(control_client: Client) -> None:
    order_id = factories.order_at(Status.PAID)
    assert f'action="/orders/{order_id}/ship/"' in control_client.get(one(order_id)).content.decode()
    answer = send(control_client, f"{one(order_id)}ship/")
    assert answer.redirect_chain == [(one(order_id), 302)]
    assert said(answer) == ["Succeeded shipping order"]
    assert status_of(order_id) == "Shipped"


def test_the_button_pressed_twice_ships_once(control_client: Client) -> None:
    order_id, command_id = factories.order_at(Status.PAID), uuid4()
    for _ in range(2):
        answer = send(control_client, f"{one(order_id)}ship/", command_id=command_id)
        assert said(answer) == ["Succeeded shipping order"]
    assert StoredEvent.objects.filter(type="OrderShipped").count() == 1


@pytest.mark.parametrize("status", [each for each in STATUSES if each is not Status.PAID], ids=str)
def test_no_other_order_is_shipped(control_client: Client, status: Status) -> None:
    order_id = factories.order_at(status)
    assert f"/orders/{order_id}/ship/" not in control_client.get(one(order_id)).content.decode()
    answer = send(control_client, f"{one(order_id)}ship/")
    assert answer.status_code == 422
    sentence = f"Is not possible to change the order status from {status.value} to Shipped."
    assert said(answer) == [f"Could not complete action: shipping order\n{sentence}"]


def test_an_order_is_cancelled_by_those_who_placed_it_or_manage_orders(
    response: User, operative: User, control: User, administration: User
) -> None:
    may = {}
    for user in (response, operative, control, administration):
        order_id = factories.place_order(by=response.actor)
        browser = browser_of(user)
        shown = "Cancel Order" in text_of(browser.get(one(order_id)))
        answer = send(browser, f"{one(order_id)}cancel/", reason="Not needed")
        may[user.username] = (shown, answer.status_code, status_of(order_id))
    assert may == {
        "response": (True, 200, "Cancelled"),
        "operative": (False, 403, "Submitted"),
        "control": (True, 200, "Cancelled"),
        "administration": (True, 200, "Cancelled"),
    }


def test_the_button_pressed_twice_cancels_once(control_client: Client) -> None:
    order_id, command_id = factories.place_order(), uuid4()
    for _ in range(2):
        send(control_client, f"{one(order_id)}cancel/", command_id=command_id, reason="Not needed")
    assert StoredEvent.objects.filter(type="OrderCancelled").count() == 1


@pytest.mark.parametrize(
    ("reason", "refusal"),
    [
        ("", "An order is cancelled for a reason"),
        ("  ", "An order is cancelled for a reason"),
        ("x" * 501, "Reason: At most 500 characters; this has 501"),
        ("a\0b", "Reason: Null characters are not allowed."),
    ],
)
def test_it_is_cancelled_for_a_reason(control_client: Client, reason: str, refusal: str) -> None:
    order_id = factories.place_order()
    answer = send(control_client, f"{one(order_id)}cancel/", reason=reason)
    assert answer.status_code == 422
    assert said(answer) == [f"Could not complete action: cancelling order\n{refusal}"]
    assert 'aria-invalid="true"' in answer.content.decode()
    assert status_of(order_id) == "Submitted"


@pytest.mark.parametrize("zero", ["0", "\u0660", "\uff10"], ids=["ours", "Arabic", "full-width"])
def test_a_reason_holds_no_card_number(control_client: Client, zero: str) -> None:
    number = "-".join([f"{chr(ord(zero) + 4)}{chr(ord(zero) + 1) * 3}", *[chr(ord(zero) + 1) * 4] * 3])
    order_id = factories.place_order()
    answer = send(control_client, f"{one(order_id)}cancel/", reason=f"They rang about {number}")
    sentence = "Leave the card's number out: the reason is kept, and the buyer reads it"
    assert said(answer) == [f"Could not complete action: cancelling order\n{sentence}"]
    assert number not in answer.content.decode()
    assert status_of(order_id) == "Submitted"


def test_a_reason_holds_telephone_numbers(control_client: Client) -> None:
    order_id = factories.place_order()
    reason = "Buyer rang: 020 7946 0018, 07700 900123"
    send(control_client, f"{one(order_id)}cancel/", reason=reason)
    assert status_of(order_id) == "Cancelled"
    assert reason in text_of(control_client.get(one(order_id)))


@pytest.mark.parametrize("status", [Status.PAID, Status.SHIPPED, Status.CANCELLED], ids=str)
def test_what_is_paid_is_not_cancelled_any_more(control_client: Client, status: Status) -> None:
    order_id = factories.order_at(status)
    assert "Cancel Order" not in text_of(control_client.get(one(order_id)))
    answer = send(control_client, f"{one(order_id)}cancel/", reason="Not needed")
    sentence = f"Is not possible to change the order status from {status.value} to Cancelled."
    assert said(answer) == [f"Could not complete action: cancelling order\n{sentence}"]
    assert "Not needed" in answer.content.decode()


# --- Its buyer -------------------------------------------------------------------------------------


def test_two_buyers_with_one_address_in_two_spellings_name_each_other(control_client: Client) -> None:
    # As they were registered when each spelling was a buyer of its own.
    spellings = ["grace@m\u00fcnchen.example", "grace@xn--mnchen-3ya.example"]
    for spelling in spellings:
        verify = VerifyPaymentMethod(
            buyer_id=former_id_of(spelling),
            order_id=factories.place_order(email=spelling),
            name="Grace Hopper",
            email=spelling,
            card=factories.CARD,
            paid_before=Decimal(0),
        )
        dispatch(verify, to=BUYER, by=factories.SOMEBODY)
    for spelling, other in (spellings, spellings[::-1]):
        page = control_client.get(f"/orders/buyers/{former_id_of(spelling)}/").content.decode()
        assert f'<a href="/orders/buyers/{former_id_of(other)}/">' in page


def test_a_buyer_with_cards_orders_and_what_they_have_paid(control_client: Client) -> None:
    belt = factories.create_product("Fan belt", "3000.01")
    factories.order_at(Status.PAID, {belt: 1})
    factories.order_at(Status.CANCELLED, {belt: 1}, email="GRACE@example.com")
    factories.order_at(Status.STOCK_CONFIRMED, {belt: 1}, email="Grace@Example.com")
    other = factories.place_order({belt: 1}, email="ada@example.com")
    factories.verify_buyer(other)
    last = factories.order_at(Status.SHIPPED, {belt: 1}, card=factories.MASTERCARD)
    buyer_id = OrderRow.objects.get(pk=last).buyer_id
    answer = control_client.get(f"/orders/buyers/{buyer_id}/")
    words = text_of(answer)
    assert numbers(answer) == [5, 3, 1]
    assert "Paid to date \u00a36,000.02 Discount 10% off the next order" in words
    assert "Payment methods 2" in words
    assert "Mastercard ending in 4444 G. M. Hopper, expires 2098-01" in words
    assert "Visa ending in 1111 Grace Hopper, expires 2099-03" in words


def test_the_orders_of_a_buyer_come_in_pages(control_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buyer_view, "PAGE", 2)
    belt = factories.create_product()
    buyer_ids = {factories.verify_buyer(factories.place_order({belt: 1})) for _ in range(3)}
    (buyer_id,) = buyer_ids
    address = f"/orders/buyers/{buyer_id}/"
    first = control_client.get(address)
    second = control_client.get(address, {"after": first.context["page"].after})
    assert (numbers(first), numbers(second)) == ([3, 2], [1])
    for nowhere in ("x", "-1", "9" * 30, "\0", "\u0661"):
        assert numbers(control_client.get(address, {"after": nowhere})) == [3, 2]


def test_there_is_no_such_buyer(control_client: Client) -> None:
    assert control_client.get(f"/orders/buyers/{uuid4()}/").status_code == 404


# --- The job that it is for ------------------------------------------------------------------------


def test_parts_ordered_for_a_job_show_on_its_page_with_their_status(
    response_client: Client, stranger_client: Client
) -> None:
    work_id, belt = factories.raise_work(), factories.create_product("Fan belt")
    order_id = factories.order_at(Status.STOCK_CONFIRMED, {belt: 2}, work_id=work_id)
    factories.place_order({belt: 3})
    page = response_client.get(f"/work/{work_id}/")
    words = text_of(page)
    assert "Parts ordered 2 \u00d7 Fan belt Stock confirmed order 1 placed just now" in words
    assert "3 \u00d7 Fan belt" not in words
    assert f'href="{one(order_id)}"' in page.content.decode()
    assert f'href="{one(order_id)}"' not in stranger_client.get(f"/work/{work_id}/").content.decode()
    assert "For job 1 Boiler out" in text_of(response_client.get(one(order_id)))


def test_parts_stand_in_the_story_of_the_job_where_they_happened(stranger_client: Client) -> None:
    before = timezone.now() - timedelta(hours=5)
    work_id = factories.raise_work(at=before)
    belt = factories.create_product("Fan belt")
    order_id = factories.place_order({belt: 2}, work_id=work_id, at=before + timedelta(hours=1))
    factories.assign(work_id, factories.hire("Peter", "Quill"), at=before + timedelta(hours=2))
    factories.cancel_order(order_id, "Found one in the van", at=before + timedelta(hours=3))
    factories.complete(work_id, at=before + timedelta(hours=4))
    shipped = factories.order_at(Status.SHIPPED, {belt: 1}, work_id=work_id)
    words = text_of(stranger_client.get(f"/work/{work_id}/"))
    told = [
        "user-0 raised it",
        "Parts ordered: order 1",
        "2 \u00d7 Fan belt",
        "user-0 chose Peter Quill",
        "Parts cancelled: order 1",
        "Found one in the van",
        "Completion without a visit reported by user-0 for Peter Quill",
        "Parts ordered: order 2",
        "Parts shipped: order 2",
    ]
    places = [words.find(each) for each in told]
    assert -1 not in places, told[places.index(-1)]
    assert places == sorted(places)
    assert status_of(shipped) == "Shipped"


def test_a_job_without_orders_says_nothing_of_parts(stranger_client: Client) -> None:
    assert "Parts" not in text_of(stranger_client.get(f"/work/{factories.raise_work()}/"))


def test_a_job_page_takes_as_many_queries_for_many_orders_as_for_one(stranger_client: Client) -> None:
    work_id = factories.raise_work()
    counts = []
    for _ in range(2):
        for _ in range(3):
            factories.place_order(work_id=work_id)
        with CaptureQueriesContext(connection) as queries:
            stranger_client.get(f"/work/{work_id}/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
