"""What orders cause in stock. One reaction, so that stock is reserved and released in the order of the
events."""

from eventstore.reactions.reaction import Cause, Reaction
from orders.events import OrderAwaitingValidation, OrderCancelled
from products.commands import ReleaseStock, ReserveStock
from products.product import PRODUCT

stock = Reaction("stock")


@stock.on(OrderAwaitingValidation)
def reserve(event: OrderAwaitingValidation, cause: Cause) -> None:
    for line in event.lines:
        cause.dispatch(
            ReserveStock(product_id=line.product_id, order_id=event.order_id, quantity=line.units), to=PRODUCT
        )


@stock.on(OrderCancelled)
def release(event: OrderCancelled, cause: Cause) -> None:
    for product_id in event.product_ids:
        cause.dispatch(ReleaseStock(product_id=product_id, order_id=event.order_id), to=PRODUCT)
