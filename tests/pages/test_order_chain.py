"""The chain of cause and effect of an order, with every kind of store."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from eventstore.current import current_store
from eventstore.embedded.store import EmbeddedStore
from eventstore.store import RecordedEvent
from orders.chain import chain_of
from orders.order import Status
from pages.news import NEWEST
from tests import factories
from tests.pages.conftest import UseStore
from tests.pages.page_requests import text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["embedded", "kurrent"])
def store(request: pytest.FixtureRequest) -> Any:
    """Each kind of store in turn, as the current one."""
    if request.param == "kurrent":
        request.getfixturevalue("kurrent")
    return current_store()


def told(order_id: UUID) -> list[tuple[str, str, str]]:
    """Each event of the chain: what it is about, its type, and the type of its cause."""
    history = current_store().read_stream(f"order-{order_id}")
    return [
        (link.about, link.recorded.type, link.because.type if link.because else "")
        for link in chain_of(order_id, history)
    ]


def test_the_chain_of_a_cancelled_order(store: Any) -> None:
    belt, pump = factories.create_product("Fan belt"), factories.create_product("Pump", stock=0)
    other = factories.order_at(Status.STOCK_CONFIRMED, {belt: 1})
    order_id = factories.order_at(Status.STOCK_CONFIRMED, {belt: 1, pump: 1})
    assert told(order_id) == [
        ("order", "OrderStarted", ""),
        ("buyer", "PaymentMethodVerified", "OrderStarted"),
        ("order", "OrderBuyerVerified", "PaymentMethodVerified"),
        ("order", "OrderAwaitingValidation", "OrderBuyerVerified"),
        ("product", "StockReserved", "OrderAwaitingValidation"),
        ("order", "OrderLineReserved", "StockReserved"),
        ("product", "StockRejected", "OrderAwaitingValidation"),
        ("order", "OrderLineRejected", "StockRejected"),
        ("order", "OrderCancelled", "StockRejected"),
        ("product", "StockReleased", "OrderCancelled"),
    ]
    assert ("buyer", "BuyerRegistered", "OrderStarted") in told(other)
    assert "StockReleased" not in [event for _, event, _ in told(other)]


def test_what_staff_do_later_belongs_to_the_chain_and_was_caused_by_nothing_in_it(store: Any) -> None:
    order_id = factories.order_at(Status.STOCK_CONFIRMED)
    factories.cancel_order(order_id)
    assert told(order_id)[-2:] == [
        ("order", "OrderCancelled", ""),
        ("product", "StockReleased", "OrderCancelled"),
    ]


class Noting(EmbeddedStore):
    """A store that notes which streams are read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def read_stream(self, stream: str, *part: Any, **how: Any) -> list[RecordedEvent]:
        self.read.append(stream)
        return super().read_stream(stream, *part, **how)


@pytest.fixture
def noting(use_store: UseStore) -> Noting:
    """It, as the current one."""
    store = Noting()
    use_store(store)
    return store


def test_a_page_that_shows_everything_reads_no_product_to_say_so(
    noting: Noting, response_client: Client
) -> None:
    belt = factories.create_product()
    order_id = factories.order_at(Status.PAID, {belt: 1})
    page = f"/orders/{order_id}/"
    shown = response_client.get(page).context["live"]["position"]
    factories.reserve(belt)  # for another order
    assert again(response_client, f"{page}?news={shown}", noting) == (204, False)
    factories.release_stock(belt, order_id)
    assert again(response_client, f"{page}?news={shown}", noting) == (200, True)


def test_a_page_behind_which_much_has_happened_looks_at_all_of_it(
    noting: Noting, response_client: Client
) -> None:
    belt = factories.create_product()
    order_id = factories.order_at(Status.PAID, {belt: 1})
    page = f"/orders/{order_id}/"
    shown = response_client.get(page).context["live"]["position"]
    factories.release_stock(belt, order_id)
    for _ in range(NEWEST):
        factories.reserve(belt)
    assert again(response_client, f"{page}?news={shown}", noting) == (200, True)


def again(client: Client, address: str, noting: Noting) -> tuple[int, bool]:
    """The answer to a page that loads itself again, and whether any product's history was read for it."""
    noting.read.clear()
    status = client.get(address).status_code
    return status, any(each.startswith("product-") for each in noting.read)


def test_the_page_tells_it_before_any_read_model_has_taken_it_in(
    kurrent: Any, response_client: Client
) -> None:
    order_id = factories.order_at(Status.SHIPPED)
    answer = response_client.get(f"/orders/{order_id}/")
    assert answer.status_code == 200
    assert "2 \u00d7 Fan belt reserved" in text_of(answer)
    assert "The order was shipped" in text_of(answer)
