"""What an order waits for, in words."""

from readmodels.models import OrderRow

Status = OrderRow.Status


def waits_for(order: OrderRow) -> str:
    """What has to happen next; empty for an order that is finished."""
    match Status(order.status):
        case Status.SUBMITTED if order.buyer_id is None:
            return "The buyer and the card to be verified."
        case Status.SUBMITTED:
            return "The time to think it over to pass; then its stock is reserved."
        case Status.AWAITING_VALIDATION:
            lines = list(order.lines.all())
            certain = sum(1 for line in lines if line.is_reserved)
            return f"Its stock: {certain} of {len(lines)} product{'s' * (len(lines) != 1)} reserved."
        case Status.STOCK_CONFIRMED:
            return "Its payment."
        case Status.PAID:
            return "Somebody to ship it."
        case _:
            return ""
