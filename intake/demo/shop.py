"""The demo's catalogue and what was bought from it in the past month, order by order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from intake.demo.calls import busy_time
from intake.demo.cast import Actors, Site
from intake.demo.diary import Diary, Entry
from intake.demo.material import CATALOGUE, Article, Customer
from intake.demo.month import is_night, morning_after
from intake.demo.plan import Plan
from intake.demo.trade import PLAIN, Trade, Wish
from orders.commands import CancelOrder, OrderItem, PlaceOrder, ShipOrder, WorkFact
from orders.events import Address, Card
from orders.order import ORDER
from products.commands import (
    CorrectStock,
    CreateProduct,
    ProductCommand,
    ProductFact,
    ProductStatus,
    RepriceProduct,
    RestockProduct,
    WithdrawProduct,
)
from products.product import PRODUCT
from support.commands import RaiseWork

DAY = 24 * 60
BELONGS_TO_A_JOB = 0.4
REGRET = "Ordered twice by mistake."


@dataclass(frozen=True, kw_only=True)
class Story:
    """An order of the last days: what, when (minutes before now), and what becomes of it. `held` is a
    reaction that gets to it only so many minutes after now; `regret` is why it was cancelled by hand."""

    wants: dict[str, int]
    placed: float
    customer: int
    held: str = ""
    until: float = 0
    is_declined: bool = False
    regret: str = ""
    is_shipped: bool = False


STORIES = (
    # One in every status as long as nobody starts a worker; a worker takes them on from there.
    Story(wants={"toner": 1, "panel": 6}, placed=2, customer=1, held="validation", until=20),
    Story(wants={"smoke": 4, "battery": 4}, placed=7, customer=4, held="validation", until=35),
    Story(wants={"pump": 1, "vessel": 1}, placed=24, customer=2, held="stock", until=25),
    Story(wants={"closer": 2}, placed=41, customer=3, held="payment", until=40),
    Story(wants={"access-point": 2, "rcbo": 2}, placed=95, customer=5),
    Story(wants={"filter": 12, "belt": 2}, placed=28 * 60, customer=6, is_shipped=True),
    # Cancelled: not paid, not in stock, no longer wanted.
    Story(wants={"heater": 2}, placed=310, customer=5, is_declined=True),
    Story(wants={"sounder": 9, "call-point": 3}, placed=26 * 60, customer=4),
    Story(wants={"tap": 3}, placed=2 * DAY + 200, customer=1, regret=REGRET),
)
# The first customer's: the second passes the threshold, and those after it have the discount.
LARGE = (
    ({"boiler": 1, "pump": 2}, 0.15),
    ({"boiler": 1}, 0.35),
    ({"boiler": 1, "valve": 12}, 0.6),
    ({"thermostat": 4}, 0.8),
)
REPRICED = (("panel", 0.3, "28.40"), ("pump", 0.45, "197.00"), ("panel", 0.75, "26.90"))
RESTOCKED = (("filter", 0.4), ("panel", 0.5), ("smoke", 0.55), ("battery", 0.7), ("valve", 0.72))
"""When, as a share of the month."""
COUNTED = ("valve", 0.74, -2, "Counted again: two are damaged")
"""What was counted wrong, when it was corrected, by how many, and why."""


class Shop:
    """Notes the catalogue and the orders."""

    def __init__(self, diary: Diary, plan: Plan, sites: Sequence[Site], actors: Actors) -> None:
        self.rng = Random(f"{plan.seed} orders")  # noqa: S311  nothing here is a secret
        self.plan = plan
        self.sites = sites
        self.actors = actors
        self.jobs = [each for each in diary.entries if isinstance(each.command, RaiseWork)]
        self.trade = Trade(diary, self.rng, plan.now)
        self.trade.when_paid = self.ship
        self.stays: set[UUID] = set()
        self.orders = 0

    def note(self) -> None:
        """Everything, in the order of time."""
        self.keep_catalogue()
        for wants, share in LARGE:
            self.buy(self.plan.part(share), CATALOGUE.customers[0], wants)
        for story in STORIES:
            self.tell(story)
        for _ in range(8 + self.plan.jobs // 12):
            at = busy_time(self.rng, self.plan.start + timedelta(hours=2), self.plan.ago(DAY / 2))
            wants = {each.id: self.rng.randint(*each.units) for each in self.some_articles()}
            self.buy(at, self.rng.choice(CATALOGUE.customers[1:]), wants, self.some_job(at))
        self.trade.play()

    def keep_catalogue(self) -> None:
        """Create everything; some of it is repriced, restocked or counted again, and one is withdrawn."""
        for number, each in enumerate(CATALOGUE.articles):
            create = CreateProduct(
                product_id=self.product_id(each.id), name=each.name, price=each.price, stock=each.stock
            )
            self.manage(self.plan.start + timedelta(minutes=3 * number), create)
        for article_id, share, price in REPRICED:
            reprice = RepriceProduct(product_id=self.product_id(article_id), price=Decimal(price))
            self.manage(self.plan.part(share), reprice)
        for article_id, share in RESTOCKED:
            stock = next(each.stock for each in CATALOGUE.articles if each.id == article_id)
            restock = RestockProduct(product_id=self.product_id(article_id), quantity=stock)
            self.manage(self.plan.part(share), restock)
        article_id, share, difference, reason = COUNTED
        correct = CorrectStock(product_id=self.product_id(article_id), difference=difference, reason=reason)
        self.manage(self.plan.part(share), correct)
        self.manage(self.plan.part(0.65), WithdrawProduct(product_id=self.product_id("tubes")))

    def manage(self, at: datetime, command: ProductCommand) -> None:
        command_id = self.plan.id("catalogue", at, type(command).__name__, command.product_id)
        entry = Entry(
            at=at, command=command, to=PRODUCT, by=self.actors.administration, command_id=command_id
        )
        self.trade.at(at, entry)

    def tell(self, story: Story) -> None:
        at = self.plan.ago(story.placed)
        until = self.plan.ago(-story.until) if story.held else None
        wish = Wish(is_declined=story.is_declined, held_by=story.held, until=until)
        order_id = self.buy(at, CATALOGUE.customers[story.customer], story.wants, wish=wish)
        if not story.is_shipped:
            self.stays.add(order_id)
        if story.regret:
            cancel = CancelOrder(order_id=order_id, reason=story.regret)
            self.note_step(at + timedelta(seconds=38), cancel, "cancel")

    def buy(
        self,
        at: datetime,
        customer: Customer,
        wants: dict[str, int],
        job: Entry | None = None,
        wish: Wish = PLAIN,
    ) -> UUID:
        """Place an order at that time, at the prices of that time, for the job's site, or for any."""
        self.orders += 1
        order_id = self.plan.id("order", self.orders)
        there = [each for each in self.sites if each.since < at < each.until]
        if job is not None:
            wanted = job.command.sites[0].site_id
            there = [each for each in there if each.site_id == wanted] or there
        site = self.rng.choice(there)
        by = self.rng.choice((self.actors.response, self.actors.control, self.actors.operative))

        def place(at: datetime) -> Entry:
            command = PlaceOrder(
                order_id=order_id,
                buyer_name=customer.name,
                buyer_email=customer.email,
                items=tuple(self.item(article_id, units) for article_id, units in wants.items()),
                ship_to=Address(line_1=site.address_line_1, town=site.town, post_code=site.post_code),
                card=card_of(customer, self.plan),
                site=site.fact,
                work=WorkFact(work_id=job.command.work_id, is_known=True) if job else None,
            )
            return Entry(at=at, command=command, to=ORDER, by=by, command_id=self.plan.id("place", order_id))

        self.trade.wish(order_id, wish)
        self.trade.at(at, place)
        return order_id

    def item(self, article_id: str, units: int) -> OrderItem:
        product_id = self.product_id(article_id)
        product = self.trade.state(PRODUCT, product_id)
        fact = ProductFact(
            product_id=product_id, name=product.name, price=product.price, status=ProductStatus.SOLD
        )
        return OrderItem(product=fact, units=units)

    def ship(self, order_id: UUID, paid_at: datetime) -> None:
        """Some hours after it was paid, in working hours, somebody ships it."""
        if order_id in self.stays:
            return
        at = paid_at + timedelta(minutes=self.rng.randint(60, 9 * 60))
        if is_night(at):
            at = morning_after(at) + timedelta(minutes=self.rng.randint(5, 200))
        self.note_step(at, ShipOrder(order_id=order_id), "ship")

    def note_step(self, at: datetime, command: ShipOrder | CancelOrder, doing: str) -> None:
        command_id = self.plan.id(doing, command.order_id)
        entry = Entry(at=at, command=command, to=ORDER, by=self.actors.control, command_id=command_id)
        self.trade.at(at, entry)

    def some_articles(self) -> list[Article]:
        """One to three, the frequent ones more often; none that was withdrawn or is nearly sold out."""
        there = [each for each in CATALOGUE.articles if each.weight > 1]
        chosen = self.rng.choices(there, [each.weight for each in there], k=self.rng.choice((1, 1, 2, 2, 3)))
        return list(dict.fromkeys(chosen))

    def some_job(self, at: datetime) -> Entry | None:
        """A job of the day before, for some orders."""
        recent = [each for each in self.jobs if at - timedelta(days=1) < each.at < at]
        return self.rng.choice(recent) if recent and self.rng.random() < BELONGS_TO_A_JOB else None

    def product_id(self, article_id: str) -> UUID:
        return self.plan.id("product", article_id)


def card_of(customer: Customer, plan: Plan) -> Card:
    """Valid for two more years."""
    expiry = f"{plan.now.year + 2}-{len(customer.name) % 12 + 1:02}"
    return Card(type=customer.card, holder=customer.name, last_four=customer.last_four, expiry=expiry)
