"""The catalogue's pages: people who place orders may look, people who manage products may change it."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from eventstore.models import StoredEvent
from orders.order import Status
from pages.news import NEWEST
from products import views
from products.chart import BOTTOM, LEFT, RIGHT, TOP, draw
from readmodels.models import PriceRow, ProductRow
from readmodels.queries.products import prices_of
from tests import factories
from tests.factories import noon
from tests.pages.conftest import Unreached
from tests.pages.page_requests import FRAGMENT, queries_of, said, send, stored, text_of

pytestmark = pytest.mark.django_db
LIST, NEW = "/products/", "/products/new/"
BELT = {"name": "Fan belt", "price": "12.50", "stock": "100"}
CHANGES = {
    "rename": {"name": "Belt"},
    "reprice": {"price": "13"},
    "restock": {"quantity": "5"},
    "correct-stock": {"difference": "-3", "reason": "Counted again"},
    "withdraw": {},
}


def one(product_id: UUID) -> str:
    return reverse("product", args=[product_id])


def to(change: str, product_id: UUID) -> str:
    name = change if change == "correct-stock" else f"{change}-product"
    return reverse(name, args=[product_id])


def names(answer: Any) -> list[str]:
    return [row.name for row in answer.context["page"].rows]


def story(answer: Any) -> list[str]:
    """The entries of the story as they read, the newest first."""
    entries = answer.content.decode().partition('<ol class="story"')[2].partition("</ol>")[0].split("<li>")
    words = (
        re.sub(r"<details.*?</details>|<svg.*?</svg>|<[^>]+>", " ", each, flags=re.DOTALL) for each in entries
    )
    return [" ".join(each.split()) for each in words][1:]


# --- The list --------------------------------------------------------------------------------------


def test_an_empty_list_says_what_to_do(administration_client: Client, response_client: Client) -> None:
    assert "Create the first product" in text_of(administration_client.get(LIST))
    page = response_client.get(LIST)
    assert "Administration creates them" in text_of(page)
    assert NEW not in page.content.decode()


def test_the_list_shows_price_stock_and_what_is_reserved(response_client: Client) -> None:
    belt = factories.create_product("Fan belt", "1234.50", 4000)
    factories.reserve(belt, 30)
    page = text_of(response_client.get(LIST))
    assert "Fan belt £1,234.50 3,970 30" in page


def test_what_was_shipped_is_no_longer_reserved(administration_client: Client) -> None:
    belt = factories.create_product("Fan belt", "12.50", 10)
    shipped, _ = factories.order_at(Status.PAID, {belt: 3}), factories.order_at(Status.PAID, {belt: 1})
    assert "Fan belt £12.50 6 4" in text_of(administration_client.get(LIST))
    factories.ship_order(shipped)
    assert "Fan belt £12.50 6 1" in text_of(administration_client.get(LIST))
    assert "Reserved 1 for orders" in text_of(administration_client.get(one(belt)))
    assert "The 1 reserved for orders stays reserved." in text_of(
        administration_client.get(to("withdraw", belt))
    )


def test_little_stock_and_none_is_marked_with_a_word(response_client: Client, settings: LazySettings) -> None:
    settings.LOW_STOCK = 3
    for name, stock in (("Four", 4), ("Three", 3), ("Zero", 0)):
        factories.create_product(name, "1.00", stock)
    assert "Four £1.00 4 Three £1.00 3 Low Zero £1.00 0 None left" in text_of(response_client.get(LIST))
    assert names(response_client.get(LIST, {"state": "low"})) == ["Three", "Zero"]


def test_products_that_are_sold_withdrawn_or_either(response_client: Client) -> None:
    factories.create_product("Belt")
    factories.withdraw(factories.create_product("Mantle", stock=0))
    assert names(response_client.get(LIST)) == ["Belt"]
    assert names(response_client.get(LIST, {"state": "all"})) == ["Belt", "Mantle"]
    withdrawn = response_client.get(LIST, {"state": "withdrawn"})
    assert names(withdrawn) == ["Mantle"]
    assert "Withdrawn just now" in text_of(withdrawn)
    assert "None left" not in text_of(withdrawn)


def test_nothing_fits_and_nothing_runs_low(response_client: Client) -> None:
    factories.create_product("Belt")
    assert "No product fits" in text_of(response_client.get(LIST, {"q": "nowhere"}))
    assert "Nothing runs low There are more than 5 of" in text_of(response_client.get(LIST, {"state": "low"}))


@pytest.mark.parametrize(
    "address", ["?q=a%00b", "?state=nonsense", "?after=nonsense", f"?after={UUID(int=7)}"]
)
def test_an_address_that_makes_no_sense_shows_the_list(response_client: Client, address: str) -> None:
    factories.create_product("Belt")
    assert names(response_client.get(LIST + address)) == ["Belt"]


def test_a_fragment_is_the_page_without_its_frame(response_client: Client) -> None:
    page = response_client.get(LIST, headers=FRAGMENT).content.decode()
    assert "<html" not in page
    assert 'id="products-list"' in page


def test_pages_follow_each_other_without_gap(
    response_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    for name in ("B", "B", "A", "C"):
        factories.create_product(name)
    first = response_client.get(LIST)
    second = response_client.get(LIST, {"after": first.context["page"].after})
    assert names(first) + names(second) == ["A", "B", "B", "C"]
    assert second.context["page"].after is None


def test_the_list_costs_the_same_however_long(response_client: Client) -> None:
    factories.create_product()
    before = queries_of(response_client, LIST)
    for _ in range(3):
        factories.create_product()
    assert queries_of(response_client, LIST) == before <= 8


# --- Creating --------------------------------------------------------------------------------------


def test_creating(administration_client: Client) -> None:
    command_id = uuid4()
    assert 'id="id_price"' in administration_client.get(NEW).content.decode()
    answer = send(administration_client, NEW, command_id=command_id, **BELT)
    assert answer.redirect_chain == [(one(command_id), 302)]
    assert said(answer) == ["Succeeded creating product"]
    row = ProductRow.objects.get()
    assert (row.name, row.price, row.stock) == ("Fan belt", Decimal("12.50"), 100)


def test_a_form_sent_twice_creates_once(administration_client: Client) -> None:
    command_id = uuid4()
    for _ in range(2):
        answer = send(administration_client, NEW, command_id=command_id, **BELT)
        assert said(answer) == ["Succeeded creating product"]
    assert stored() == ["ProductCreated"]


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"name": "  "}, "Product must have a name"),
        ({"price": ""}, "Product must have a price"),
        ({"price": "-0.01"}, "Price must not be negative"),
        ({"price": "10000000"}, "Price must not be above 9,999,999.99"),
        ({"price": "9" * 5000}, "Price must not be above 9,999,999.99"),
        ({"price": "0.001"}, "Price must have at most two decimal places"),
        ({"stock": " "}, "Say how many are in stock, or 0"),
        ({"stock": "-1"}, "Stock must not be negative"),
        ({"stock": "1000000001"}, "This is too much stock"),
    ],
)
def test_refusals_come_word_for_word_beside_their_field_and_keep_what_was_typed(
    administration_client: Client, typed: dict[str, str], fault: str
) -> None:
    answer = send(administration_client, NEW, **{**BELT, **typed})
    assert answer.status_code == 422
    assert said(answer) == [f"Could not complete action: creating product\n{fault}"]
    (field,) = typed
    form = answer.context["form"]
    assert form.errors == {field: [fault]}
    assert {name: form[name].value() for name in BELT} == {**BELT, **typed}
    assert 'aria-invalid="true"' in answer.content.decode()
    assert stored() == []


@pytest.mark.parametrize("price", ["NaN", "sNaN", "Infinity", "1e5", "12,50", "12.50\0", "\0", "cheap"])
def test_a_text_that_is_no_price_is_said_to_be_none(administration_client: Client, price: str) -> None:
    answer = send(administration_client, NEW, **{**BELT, "price": price})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"price": ["Give an amount in digits, such as 12.50"]}
    assert stored() == []


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"stock": "1e5"}, "Give a whole number in digits, such as 20"),
        ({"stock": "2.5"}, "Give a whole number in digits, such as 20"),
        ({"stock": "9" * 5000}, "This number is too large"),
        ({"name": "x" * 201}, "At most 200 characters; this has 201"),
        ({"name": "Fan\0belt"}, "Null characters are not allowed."),
    ],
)
def test_a_text_that_is_no_number_and_no_name_is_refused(
    administration_client: Client, typed: dict[str, str], fault: str
) -> None:
    answer = send(administration_client, NEW, **{**BELT, **typed})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors.values()) == [[fault]]
    assert stored() == []


def test_every_fault_is_said_at_once(administration_client: Client) -> None:
    answer = send(administration_client, NEW, name="", price="NaN", stock="")
    assert said(answer) == [
        "Could not complete action: creating product\n"
        "Product must have a name\n"
        "Price: Give an amount in digits, such as 12.50\n"
        "Say how many are in stock, or 0"
    ]


def test_a_price_may_be_typed_as_it_is_shown(administration_client: Client) -> None:
    send(administration_client, NEW, **{**BELT, "price": "£1,234.50", "stock": "1,000"})
    row = ProductRow.objects.get()
    assert (row.price, row.stock) == (Decimal("1234.50"), 1000)
    assert '"price":"1234.50"' in StoredEvent.objects.get().data


# --- One product -----------------------------------------------------------------------------------


def test_a_product_as_it_is_now(response_client: Client) -> None:
    belt = factories.create_product("Fan belt", "12.50", 8)
    factories.reserve(belt, 5)
    page = text_of(response_client.get(one(belt)))
    assert "Price £12.50 In stock 3 Reserved 5 for orders Created just now" in page
    assert "Fan belt Low" in page


def test_somebody_who_may_only_order_is_offered_no_change(
    response_client: Client, administration_client: Client
) -> None:
    belt = factories.create_product()
    shown, offered = response_client.get(one(belt)), administration_client.get(one(belt))
    for change in CHANGES:
        assert to(change, belt) not in shown.content.decode()
        assert to(change, belt) in offered.content.decode()
        assert response_client.post(to(change, belt), CHANGES[change]).status_code == 403
    assert stored() == ["ProductCreated"]


@pytest.mark.parametrize(
    ("change", "doing", "event"),
    [
        ("rename", "renaming product", "ProductRenamed"),
        ("reprice", "repricing product", "ProductRepriced"),
        ("restock", "restocking product", "ProductRestocked"),
        ("correct-stock", "correcting stock", "StockCorrected"),
        ("withdraw", "withdrawing product", "ProductWithdrawn"),
    ],
)
def test_a_change_leads_back_to_the_product_and_counts_once(
    administration_client: Client, change: str, doing: str, event: str
) -> None:
    belt, command_id = factories.create_product(), uuid4()
    for _ in range(2):
        answer = send(administration_client, to(change, belt), command_id=command_id, **CHANGES[change])
        assert answer.redirect_chain == [(one(belt), 302)]
        assert said(answer) == [f"Succeeded {doing}"]
    assert stored() == ["ProductCreated", event]


@pytest.mark.parametrize(
    ("change", "typed", "doing", "fault"),
    [
        ("rename", {"name": ""}, "renaming product", "Product must have a name"),
        ("reprice", {"price": "-1"}, "repricing product", "Price must not be negative"),
        ("reprice", {"price": "1.005"}, "repricing product", "Price must have at most two decimal places"),
        ("restock", {"quantity": "0"}, "restocking product", "At least one must be put into stock"),
        ("restock", {"quantity": ""}, "restocking product", "At least one must be put into stock"),
        ("restock", {"quantity": "1000000000"}, "restocking product", "This is too much stock"),
        (
            "correct-stock",
            {"difference": "-101"},
            "correcting stock",
            "Not so many are free; at most 100 can be taken away",
        ),
    ],
)
def test_a_change_refused_keeps_what_was_typed_and_leaves_the_other_forms_alone(
    administration_client: Client, change: str, typed: dict[str, str], doing: str, fault: str
) -> None:
    belt = factories.create_product()
    for headers in ({}, FRAGMENT):
        sent = {**CHANGES[change], "command_id": uuid4(), **typed}
        answer: Any = administration_client.post(to(change, belt), sent, headers=headers)
        assert answer.status_code == 422
        assert said(answer) == [f"Could not complete action: {doing}\n{fault}"]
        assert ("<html" in answer.content.decode()) == (headers == {})
        forms = answer.context["forms"]
        (field,) = typed
        verb = change.removesuffix("-stock")
        assert forms[verb].errors == {field: [fault]}
        assert forms[verb][field].value() == typed[field]
        assert [verb for verb, form in forms.items() if form.errors] == [verb]
        assert answer.content.decode().count('aria-invalid="true"') == 1
    assert stored() == ["ProductCreated"]


@pytest.mark.parametrize("typed", ["-1000", "\N{MINUS SIGN}1,000"])
def test_what_was_restocked_by_mistake_is_taken_back(administration_client: Client, typed: str) -> None:
    belt = factories.create_product(stock=7)
    factories.restock(belt, 1000)
    send(administration_client, to("correct-stock", belt), difference=typed, reason=" Typed wrongly ")
    assert ProductRow.objects.get().stock == 7
    assert '"difference":-1000,"reason":"Typed wrongly"' in StoredEvent.objects.last().data  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("typed", "faults"),
    [
        ({"difference": "-4"}, {"difference": ["Not so many are free; at most 3 can be taken away"]}),
        ({"difference": "0"}, {"difference": ["A correction must change the stock"]}),
        ({"difference": "1000000000"}, {"difference": ["This is too much stock"]}),
        ({"difference": "some"}, {"difference": ["Give a whole number in digits, such as 20"]}),
        ({"reason": " "}, {"reason": ["A correction of stock must have a reason"]}),
        ({"reason": "x" * 501}, {"reason": ["At most 500 characters; this has 501"]}),
        (
            {"difference": "", "reason": ""},
            {
                "difference": ["A correction must change the stock"],
                "reason": ["A correction of stock must have a reason"],
            },
        ),
    ],
)
def test_a_correction_that_cannot_be_is_refused_beside_its_field(
    administration_client: Client, typed: dict[str, str], faults: dict[str, list[str]]
) -> None:
    belt = factories.create_product(stock=8)
    factories.reserve(belt, 5)
    sent = {"difference": "-3", "reason": "Counted again", **typed}
    answer = send(administration_client, to("correct-stock", belt), **sent)
    assert answer.status_code == 422
    assert answer.context["forms"]["correct"].errors == faults
    assert ProductRow.objects.get().stock == 3


def test_each_form_has_an_id_of_its_own(administration_client: Client) -> None:
    page = administration_client.get(one(factories.create_product())).content.decode()
    ids = re.findall(r'name="command_id" value="([^"]+)"', page)
    assert len(set(ids)) == len(ids) == 4


def test_htmx_gets_the_product_again(administration_client: Client) -> None:
    belt = factories.create_product()
    sent = {"command_id": uuid4(), "price": "13"}
    answer: Any = administration_client.post(to("reprice", belt), sent, headers=FRAGMENT, follow=True)
    page = answer.content.decode()
    assert "<html" not in page
    assert '<div id="product">' in page
    assert "Succeeded repricing product" in page
    assert "£13.00" in page


def test_withdrawing_says_what_it_means_and_asks_once_more(administration_client: Client) -> None:
    belt = factories.create_product("Fan belt", stock=10)
    factories.reserve(belt, 3)
    question = text_of(administration_client.get(to("withdraw", belt)))
    assert "Withdraw Fan belt?" in question
    assert "There are still 7 in stock. The 3 reserved for orders stay reserved." in question
    send(administration_client, to("withdraw", belt))
    page = text_of(administration_client.get(one(belt)))
    assert "Withdrawn just now" in page
    assert "Restock" not in page
    assert "was withdrawn just now" in text_of(administration_client.get(to("withdraw", belt)))


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_a_withdrawn_product_stays_as_it_was(administration_client: Client, change: str) -> None:
    belt = factories.create_product()
    factories.withdraw(belt)
    answer = send(administration_client, to(change, belt), **CHANGES[change])
    assert answer.status_code == 422
    assert said(answer)[0].endswith("\nThis product has been withdrawn")
    assert stored() == ["ProductCreated", "ProductWithdrawn"]


def test_no_product_of_this_id(administration_client: Client) -> None:
    assert administration_client.get(one(uuid4())).status_code == 404
    for change in CHANGES:
        assert administration_client.post(to(change, uuid4())).status_code == 404


# --- Its prices ------------------------------------------------------------------------------------


def test_the_prices_are_drawn_described_and_in_a_table(response_client: Client) -> None:
    belt = factories.create_product("Fan belt", "12.50", at=noon(1))
    factories.reprice(belt, "20.00", at=noon(2))
    factories.reprice(belt, "15.00", at=noon(3))
    page = response_client.get(one(belt)).content.decode()
    assert 'role="img" aria-labelledby="chart-title chart-desc"' in page
    assert "3 prices: £12.50 at first, £15.00 at last, between £12.50 and £20.00." in page
    assert "<title>£20.00 from 2 Mar 2026, 12:00</title>" in page
    table = page.partition('<details class="prices">')[2].partition("</details>")[0]
    assert re.findall(r"£[\d.]+", table) == ["£15.00", "£20.00", "£12.50"]


def test_one_price_is_a_level_line(response_client: Client) -> None:
    belt = factories.create_product(price="12.50", at=noon(1))
    page = response_client.get(one(belt)).content.decode()
    assert "£12.50 all the time." in page
    assert f'd="M{LEFT}.0 {(TOP + BOTTOM) / 2:.1f}H{RIGHT}"' in page


def prices(*changes: tuple[int, str]) -> list[PriceRow]:
    """Prices from some days on."""
    (day, first), *rest = changes
    belt = factories.create_product(price=first, at=noon(day))
    for day, price in rest:
        factories.reprice(belt, price, at=noon(day))
    return prices_of(belt, 100)


def test_a_price_is_as_far_to_the_right_as_its_day_and_as_high_as_it_is_dear() -> None:
    chart = draw(prices((1, "10.00"), (2, "30.00"), (4, "15.00")), until=noon(5))
    assert chart
    assert [(dot.x, dot.y) for dot in chart.dots] == [("6.0", "124.0"), ("93.0", "24.0"), ("267.0", "99.0")]
    assert chart.line == "M6.0 124.0H93.0V24.0H267.0V99.0H354"


def test_a_chart_stays_within_its_frame_whatever_the_clocks_say() -> None:
    """A late report may give an early time, and a clock may be behind."""
    chart = draw(prices((3, "10.00"), (1, "30.00"), (9, "15.00")), until=noon(5))
    assert chart
    assert [dot.x for dot in chart.dots] == ["6.0", "6.0", "354.0"]
    assert draw(prices((3, "10.00"), (3, "11.00")), until=noon(3))
    assert draw([], until=noon(1)) is None


def test_many_prices_are_a_line_without_dots(response_client: Client) -> None:
    chart = draw(prices(*[(day, f"{day}.00") for day in range(1, 60)]), until=timezone.now())
    assert chart
    assert (chart.prices, chart.dots, chart.line.count("V")) == (59, [], 58)


# --- Hearing of what others do ---------------------------------------------------------------------


def test_an_open_page_hears_of_a_shipment_for_less_is_reserved_then(response_client: Client) -> None:
    belt = factories.create_product("Fan belt", stock=10)
    order_id = factories.order_at(Status.PAID, {belt: 3})
    page = response_client.get(one(belt))
    assert page.context["live"]["topics"] == f"product-{belt},order"
    again = {"news": page.context["live"]["position"]}
    assert response_client.get(one(belt), again).status_code == 204
    factories.ship_order(order_id)
    assert "Reserved 0 for orders" in text_of(response_client.get(one(belt), again))


@pytest.mark.parametrize("what", ["another product", "an order"])
def test_an_open_page_stays_while_others_change(response_client: Client, what: str) -> None:
    belt, pump = factories.create_product("Fan belt"), factories.create_product("Pump")
    again = {"news": response_client.get(one(belt)).context["live"]["position"]}
    factories.restock(pump) if what == "another product" else factories.place_order({pump: 1})
    assert response_client.get(one(belt), again).status_code == 204


def test_an_open_page_behind_which_much_has_happened_is_loaded_again(response_client: Client) -> None:
    belt = factories.create_product("Fan belt", stock=10)
    pump = factories.create_product("Pump")
    again = {"news": response_client.get(one(belt)).context["live"]["position"]}
    for _ in range(NEWEST):
        factories.restock(pump)
    assert response_client.get(one(belt), again).status_code == 200


def test_while_the_store_is_away_an_open_page_stays_as_it_is(
    response_client: Client, unreachable: Unreached
) -> None:
    belt = factories.create_product("Fan belt")
    unreachable()
    assert response_client.get(one(belt), {"news": "1"}).status_code == 204


def test_the_list_hears_of_a_shipment(response_client: Client) -> None:
    order_id = factories.order_at(Status.PAID, {factories.create_product("Fan belt", stock=10): 3})
    page = response_client.get(LIST)
    assert page.context["live"]["topics"] == "product,order"
    again = {"news": page.context["live"]["position"]}
    assert response_client.get(LIST, again, headers=FRAGMENT).status_code == 204
    factories.ship_order(order_id)
    assert "The list has changed" in text_of(response_client.get(LIST, again, headers=FRAGMENT))


def test_older_pages_of_the_story_and_refusals_do_not_load_themselves_again(
    administration_client: Client,
) -> None:
    belt = factories.create_product("Fan belt")
    assert "data-itself" in administration_client.get(one(belt)).content.decode()
    assert "data-itself" not in administration_client.get(one(belt), {"after": "1"}).content.decode()
    refused = administration_client.post(to("restock", belt), {"quantity": ""})
    assert "data-itself" not in refused.content.decode()


# --- Its story -------------------------------------------------------------------------------------


def test_the_story_is_told_the_newest_first(response_client: Client, administration: User) -> None:
    when = timezone.now() - timedelta(days=400)
    belt = factories.create_product("Belt", "12.50", 10, at=when, by=administration.actor)
    factories.rename_product(belt, "Fan belt")
    factories.reprice(belt, "1300")
    order = factories.reserve(belt, 4)
    factories.reserve(belt, 2000)
    factories.release_stock(belt, order)
    factories.restock(belt, 1000)
    factories.correct_stock(belt, -900, "Typed too high")
    factories.correct_stock(belt, 5)
    factories.withdraw(belt)
    told = [
        re.sub(r" (\d\d:\d\d|\d+ \w{3} \d{4})(?= |$)", "", each)
        for each in story(response_client.get(one(belt)))
    ]
    assert told == [
        "user-0 withdrew it",
        "user-0 corrected the stock by +5 115 in stock Counted again",
        "user-0 corrected the stock by \N{MINUS SIGN}900 110 in stock Typed too high",
        "user-0 restocked 1,000 1,010 in stock",
        "4 released 10 in stock Kept until then for an order",
        "2,000 wanted, and not there 6 in stock For an order",
        "4 reserved 6 in stock For an order",
        "user-0 repriced it From £12.50 to £1,300.00",
        "user-0 renamed it From Belt to Fan belt",
        "Administration created it 10 in stock Belt, £12.50",
    ]


def test_a_reservation_leads_to_its_order(response_client: Client) -> None:
    belt = factories.create_product()
    order_id = factories.place_order({belt: 2})
    factories.reserve(belt, 2, order_id=order_id)
    assert f'href="{reverse("order", args=[order_id])}"' in response_client.get(one(belt)).content.decode()


def test_a_long_story_has_pages(response_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    belt = factories.create_product(stock=0)
    for quantity in (1, 2, 3):
        factories.restock(belt, quantity)
    first = response_client.get(one(belt))
    second = response_client.get(one(belt), {"after": first.context["page"].after})
    heads = [re.sub(r" \d\d:\d\d", "", each) for each in story(first) + story(second)]
    assert heads == [
        "user-0 restocked 3 6 in stock",
        "user-0 restocked 2 3 in stock",
        "user-0 restocked 1 1 in stock",
        "user-0 created it 0 in stock Fan belt, £12.50",
    ]
    assert second.context["page"].after is None


@pytest.mark.parametrize("after", ["nonsense", "-1", "9" * 30, "٣٣", "²", "a\0"])
def test_an_address_that_makes_no_sense_tells_the_story(response_client: Client, after: str) -> None:
    answer = response_client.get(one(factories.create_product()), {"after": after})
    assert answer.status_code == 200
    assert story(answer)


def test_an_event_that_this_code_does_not_know_is_told_all_the_same(response_client: Client) -> None:
    belt = factories.create_product()
    factories.restock(belt, 5)
    StoredEvent.objects.filter(type="ProductRestocked").update(type="ProductBlessed")
    assert story(response_client.get(one(belt)))[0].startswith("ProductBlessed")


def test_events_are_one_press_deeper_for_those_who_may_see_them(
    administration_client: Client, response_client: Client
) -> None:
    belt = factories.create_product()
    assert "ProductCreated as it is stored" in text_of(administration_client.get(one(belt)))
    assert "as it is stored" not in text_of(response_client.get(one(belt)))


def test_without_the_store_everything_but_the_story_is_there(
    response_client: Client, unreachable: Unreached
) -> None:
    belt = factories.create_product("Fan belt", "12.50")
    unreachable()
    answer = response_client.get(one(belt))
    assert answer.status_code == 200
    page = text_of(answer)
    assert "The story cannot be told just now" in page
    assert "Price £12.50" in page
    assert "£12.50 all the time." in answer.content.decode()


def test_text_is_shown_and_not_run(administration_client: Client) -> None:
    belt = factories.create_product("<script>alert(1)</script>")
    for address in (LIST, one(belt), to("withdraw", belt)):
        assert "<script>alert" not in administration_client.get(address).content.decode()


def test_the_page_costs_the_same_however_much_has_happened(response_client: Client) -> None:
    belt = factories.create_product()
    before = queries_of(response_client, one(belt))
    for price in range(5):
        factories.reprice(belt, f"{price}.00")
    assert queries_of(response_client, one(belt)) == before <= 9
