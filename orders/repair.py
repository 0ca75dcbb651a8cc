"""Commands that make orders, stock and buyers agree again, for what orders/audit.py has found.

Their ids follow from what is repaired and its present version, so that two repairs at the same moment are
one. What a reaction should have done is done now, by the same commands that the reaction would have sent.
"""

from typing import Any, assert_never
from uuid import UUID, uuid5

from eventstore.codec import Undecodable
from eventstore.current import current_store
from eventstore.decider import Decider, Refused
from eventstore.dispatch import dispatch, state_of
from eventstore.events import UnknownEvent
from eventstore.reactions.reaction import registry
from eventstore.store import RecordedEvent
from orders.chain import chain_of
from orders.commands import CancelOrder
from orders.findings import (
    Finding,
    MissingReservation,
    NotReadable,
    OrphanReservation,
    Stuck,
    Unshipped,
    WrongTotal,
)
from orders.order import ORDER, Status
from products.commands import ReleaseStock, ReserveStockAgain
from products.product import PRODUCT

ACTOR = "audit_orders"
STEPS = ("buyers", "validation", "stock", "reservations", "payment")
"""The reactions that move an order on. Mail and messages are not sent again."""


class BeyondRepair(Exception):
    """No command repairs this: a person has to decide."""


def repair(finding: Finding) -> str:
    """Repair it as far as one step can; returns what was done. Raises BeyondRepair."""
    match finding:
        case OrphanReservation():
            return release(finding)
        case MissingReservation():
            return reserve(finding)
        case Stuck():
            return drive(finding.order_id)
        case Unshipped():
            raise BeyondRepair("somebody has to ship it")
        case WrongTotal():
            return record(finding)
        case NotReadable():
            raise BeyondRepair("the program has to be mended")
        case _:
            assert_never(finding)


def release(finding: OrphanReservation) -> str:
    if finding.status not in (Status.NONE, Status.CANCELLED):
        raise BeyondRepair("the order wants some of it: release it by hand, once it is shipped or cancelled")
    command = ReleaseStock(product_id=finding.product_id, order_id=finding.order_id)
    send(command, PRODUCT, finding.order_id, f"release {finding.product_id}")
    return f"released {finding.quantity} of product {finding.product_id}"


def reserve(finding: MissingReservation) -> str:
    """Reserve it now; if that is impossible and nothing is paid yet, cancel the order."""
    if not finding.kept and can_reserve(finding):
        return f"reserved {finding.units} of product {finding.product_id}"
    if finding.status is Status.STOCK_CONFIRMED:
        events = current_store().read_stream(PRODUCT.stream(finding.product_id))
        name = state_of(PRODUCT, events).name
        cancel = CancelOrder(order_id=finding.order_id, reason=f"The product items don't have stock: {name}.")
        send(cancel, ORDER, finding.order_id, "cancel")
        return "cancelled the order, for it cannot be reserved"
    raise BeyondRepair(f"it is {finding.status.value.lower()}, and the product cannot be reserved for it now")


def can_reserve(finding: MissingReservation) -> bool:
    """Whether it is reserved now, by this or by another repair at this moment."""
    command = ReserveStockAgain(
        product_id=finding.product_id, order_id=finding.order_id, quantity=finding.units
    )
    try:
        send(command, PRODUCT, finding.order_id, f"reserve {finding.product_id}")
    except Refused:
        return False
    return True


def record(finding: WrongTotal) -> str:
    """Record the payments that are not in the total."""
    if not finding.missing:
        raise BeyondRepair("a payment that was recorded cannot be taken back")
    return "; ".join(drive(each) for each in finding.missing)


def drive(order_id: UUID) -> str:
    """Let the reactions answer the events of the order again, so that what they missed happens now."""
    before = {each.id for each in events_of(order_id)}
    refused: list[str] = []
    for recorded in events_of(order_id):
        for name in STEPS:
            try:
                if registry[name].handles(recorded):
                    registry[name].handle(recorded)
            except (Refused, Undecodable, UnknownEvent) as refusal:
                refused.append(str(refusal))
    caused = [each.type for each in events_of(order_id) if each.id not in before]
    if not caused:
        raise BeyondRepair("; ".join(refused) or "the reactions have nothing more to do about it")
    return f"order {order_id} went on: {', '.join(caused)}"


def events_of(order_id: UUID) -> list[RecordedEvent]:
    """The events that belong to the order, of whatever aggregate, in order."""
    history = current_store().read_stream(ORDER.stream(order_id))
    return [each.recorded for each in chain_of(order_id, history)]


def send(command: Any, to: Decider[Any, Any, Any], order_id: UUID, action: str) -> None:
    """Dispatch the command as part of the order's chain, if there is such an order. It takes effect once
    for the present version of what it repairs; what goes wrong again is repaired again."""
    newest = newest_of(ORDER.stream(order_id))
    place = newest_of(to.stream(to.identify(command)))
    dispatch(
        command,
        to=to,
        by=ACTOR,
        command_id=uuid5(order_id, f"{ACTOR} {action} {place.id if place else ''}"),
        correlation_id=newest.correlation_id if newest else None,
        causation_id=newest.id if newest else None,
        source="repair",
    )


def newest_of(stream: str) -> RecordedEvent | None:
    """The newest event of the stream."""
    return next(iter(current_store().read_stream(stream, limit=1, backwards=True)), None)
