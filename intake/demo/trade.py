"""What orders lead to, as the reactions would have done it: played in time, noted in the diary.

The reactions' own handlers say which command an event causes. Here the command is not dispatched, but
noted for some seconds later, under the id that the reaction would have given it. A worker that meets these
events finds everything done already.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any
from uuid import UUID, uuid5

from eventstore.decider import Decider
from eventstore.dispatch import event_id_of
from intake.demo.diary import Cause, Diary, Entry, Pending
from orders import reactions
from orders.buyer import BUYER, buyer_id_of
from orders.commands import CancelOrder, PayOrder
from orders.events import (
    OrderAwaitingValidation,
    OrderCancelled,
    OrderPaid,
    OrderStarted,
    OrderStockConfirmed,
    PaymentMethodVerified,
)
from orders.order import ORDER, WrongStatus
from products.events import StockRejected, StockReserved
from products.reactions import release, reserve

GRACE = timedelta(seconds=60)
AT_ONCE = timedelta(0)


@dataclass(frozen=True)
class Answer:
    """A reaction's handler, and how long it waits."""

    reaction: str
    handler: Callable[[Any, Any], None]
    after: timedelta = AT_ONCE


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is special about an order. `held_by` is a reaction that gets to it only at `until`."""

    is_declined: bool = False
    held_by: str = ""
    until: datetime | None = None


PLAIN = Wish()


class Noting:
    """Stands in for a reaction's Cause: notes the commands that the handler sends."""

    def __init__(self) -> None:
        self.sent: list[tuple[Any, Decider[Any, Any, Any]]] = []

    def dispatch(self, command: Any, *, to: Decider[Any, Any, Any]) -> None:
        self.sent.append((command, to))


class Trade:
    """Plays commands in the order of time, with everything that they lead to, until `end`."""

    def __init__(self, diary: Diary, rng: Random, end: datetime) -> None:
        self._diary = diary
        self._rng = rng
        self._end = end
        self._ahead: list[tuple[datetime, int, Entry | Callable[[datetime], Entry], Pending | None]] = []
        self._count = count()
        self._states: dict[str, Any] = {}
        self._versions: dict[str, int] = defaultdict(int)
        self._wishes: dict[UUID, Wish] = {}
        self._paid: dict[UUID, Decimal] = defaultdict(Decimal)
        self.when_paid: Callable[[UUID, datetime], None] = lambda _order_id, _at: None

    def at(self, at: datetime, entry: Entry | Callable[[datetime], Entry]) -> None:
        """Note the entry for that time. If it depends on that moment, such as a price, give a function."""
        self._push(at, entry, None)

    def wish(self, order_id: UUID, wish: Wish) -> None:
        """Say what is special about an order."""
        self._wishes[order_id] = wish

    def state(self, decider: Decider[Any, Any, Any], key: UUID) -> Any:
        """The aggregate as it is at this moment of the play."""
        return self._states.get(decider.stream(key), decider.initial)

    def play(self) -> None:
        """Play until the end. What a reaction still has to do then is pending; what people would do is
        not."""
        while self._ahead:
            at, _, entry, pending = heapq.heappop(self._ahead)
            if at <= self._end:
                self._happen(entry if isinstance(entry, Entry) else entry(at))
            elif pending is not None:
                self._diary.pending.append(pending)

    def _push(
        self, at: datetime, entry: Entry | Callable[[datetime], Entry], pending: Pending | None
    ) -> None:
        heapq.heappush(self._ahead, (at, next(self._count), entry, pending))

    def _happen(self, entry: Entry) -> None:
        stream = entry.to.stream(entry.to.identify(entry.command))
        state = self._states.get(stream, entry.to.initial)
        try:
            events = entry.to.decide(entry.command, state)
        except WrongStatus:
            if entry.because is None:
                raise
            return  # as the reaction handles it
        if not events:
            return
        self._diary.add(entry)
        assert entry.command_id is not None
        for index, event in enumerate(events):
            state = entry.to.evolve(state, event)
            self._follow(event, entry, event_id_of(entry.command_id, index), (stream, self._versions[stream]))
            self._versions[stream] += 1
        self._states[stream] = state

    def _follow(self, event: Any, entry: Entry, event_id: UUID, place: tuple[str, int]) -> None:
        wish = self._wishes.get(getattr(event, "order_id", event_id), PLAIN)
        root = entry.because.correlation_id if entry.because else entry.command_id
        assert root is not None
        for answer in ANSWERS.get(type(event), ()):
            at = entry.at + answer.after + timedelta(seconds=self._rng.randint(1, 3))
            if wish.held_by == answer.reaction and wish.until:
                at = wish.until
            pending = Pending(reaction=answer.reaction, stream=place[0], version=place[1], due_at=at)
            for number, (command, to) in enumerate(self._sent_by(answer, event, wish), start=1):
                caused = Entry(
                    at=at,
                    command=command,
                    to=to,
                    by=f"reaction {answer.reaction}",
                    command_id=uuid5(event_id, f"{answer.reaction} {number}"),
                    because=Cause(event_id=event_id, correlation_id=root),
                )
                self._push(at, caused, pending if number == 1 else None)
        if isinstance(event, OrderPaid):
            self._paid[event.buyer_id] += event.amount
            self.when_paid(event.order_id, entry.at)

    def _sent_by(self, answer: Answer, event: Any, wish: Wish) -> list[tuple[Any, Decider[Any, Any, Any]]]:
        if isinstance(event, OrderStockConfirmed):  # this handler asks the gateway
            order_id = event.order_id
            if wish.is_declined:
                return [(CancelOrder(order_id=order_id, reason=reactions.DECLINED), ORDER)]
            return [(PayOrder(order_id=order_id, reference=f"simulated-{order_id}"), ORDER)]
        if isinstance(event, OrderStarted) and answer.reaction == "buyers":  # this handler asks the store
            paid = self._paid[buyer_id_of(event.buyer_email)]
            return [(reactions.verification(event, paid), BUYER)]
        noting = Noting()
        answer.handler(event, noting)
        return noting.sent


ANSWERS: dict[type, tuple[Answer, ...]] = {
    OrderStarted: (
        Answer("buyers", reactions.verify_payment_method),
        Answer("validation", reactions.await_validation, after=GRACE),
    ),
    PaymentMethodVerified: (Answer("buyers", reactions.verify_buyer),),
    OrderAwaitingValidation: (Answer("stock", reserve),),
    StockReserved: (Answer("reservations", reactions.confirm_line),),
    StockRejected: (Answer("reservations", reactions.reject_line),),
    OrderStockConfirmed: (Answer("payment", reactions.charge),),
    OrderPaid: (Answer("buyers", reactions.record_payment),),
    OrderCancelled: (Answer("stock", release),),
}
