"""What happens in a vintage: every event of every aggregate, with every value that it may have.

Nobody in it is real.
"""

from uuid import UUID, uuid4

from eventstore.dispatch import dispatch
from orders.commands import PlaceOrder
from orders.events import Address, Card, CardType
from orders.order import ORDER, Status
from support.events import AbandonReason
from tests import factories
from tests.factories import noon


def work() -> None:
    """Operatives, sites and jobs, from beginning to end."""
    ada, site = factories.hire("Ada", "Byron", at=noon(1)), factories.acquire(at=noon(1))
    factories.rename(ada, "Ada", "Lovelace", at=noon(2))
    factories.correct(site, "2 Harbour Street", at=noon(2))
    job = factories.raise_work(
        "Žárovka \U0001f4a1", 'He said: "out"\n\\ again', site_ids=[site], at=noon(2, 1)
    )
    for minute, reason in enumerate(AbandonReason, 2):
        factories.assign(job, ada, at=noon(2, 2 * minute))
        factories.abandon(job, reason, "Wasps.", at=noon(2, 2 * minute + 1))
    factories.assign(job, ada, at=noon(3))
    factories.set_out(job, at=noon(3, 1))
    factories.undo(job)
    factories.set_out(job, estimated_arrival=noon(3, 30), at=noon(3, 2))
    factories.arrive(job, at=noon(3, 31))
    factories.complete(job, "New bulb.", at=noon(3, 40))
    factories.undo(factories.raise_work("By mistake", site_ids=[site], at=noon(4)))
    factories.release(ada, at=noon(5))
    factories.relinquish(site, at=noon(5))


def orders() -> None:
    """Products, and orders that are shipped, rejected and cancelled, by each kind of card."""
    belt = factories.create_product("Fan belt", "12.50", 10_000, at=noon(6))
    lamp = factories.create_product("Lamp", "3.05", 1, at=noon(6))
    factories.rename_product(belt, "Fan belt, long", at=noon(6, 1))
    factories.reprice(belt, "13.00", at=noon(6, 2))
    factories.restock(belt, 5, at=noon(6, 3))
    job = factories.raise_work("Fan slips", at=noon(6))
    for kind in CardType:
        card = Card(type=kind, holder="Grace Hopper", last_four="1111", expiry="2099-03")
        factories.order_at(Status.SHIPPED, {belt: 200}, card=card, work_id=job)
    factories.ask_stock(factories.order_at(Status.AWAITING_VALIDATION, {belt: 1, lamp: 2}))
    factories.cancel_order(factories.order_at(Status.STOCK_CONFIRMED, {belt: 2}))
    to_a_site(factories.acquire("1 Quay", at=noon(6)), belt)
    factories.correct_stock(belt, -3, "Broken")
    factories.withdraw(lamp)


def to_a_site(site_id: UUID, product_id: UUID) -> None:
    """An order that goes to one of our sites."""
    command = PlaceOrder(
        order_id=uuid4(),
        buyer_name="Grace Hopper",
        buyer_email="grace@example.com",
        items=(factories.order_item(product_id, 3),),
        ship_to=Address(line_1="1 Quay", town="Whitby", post_code="YO21 1AA"),
        card=factories.CARD,
        site=factories.active_site(site_id),
    )
    dispatch(command, to=ORDER, by="user-7")
