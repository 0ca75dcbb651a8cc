"""Ids, each with the example that means the same aggregate everywhere: a boiler has failed at one site,
its operative replaces the pump, and the pump was ordered."""

from typing import Annotated
from uuid import UUID

from pydantic import WithJsonSchema

WORK = UUID("7f9c24e8-3b12-4c8e-9d6a-51a0f2f6a0b7")
SITE = UUID("3d0b6c52-8f1e-4a57-b9c3-64e2a7d1f805")
OPERATIVE = UUID("b41e7a90-52cd-4f3b-8a16-0c9d83e5f2a4")
PRODUCT = UUID("c58d2f17-06b4-4e9a-a3f1-7b20e94d6c38")
ORDER = UUID("e92a4b06-d713-4c85-9f2e-18c6a05b7d43")
BUYER = UUID("0a6f5c3d-94e8-4b21-b7d0-f35e82c19a64")
PAYMENT_METHOD = UUID("5b83e1d9-c240-4f76-8e9b-a17d60f4c352")
EVENT = UUID("94c7d02e-1a5f-5b38-9c64-d8e03f7a2b16")
COMMAND = UUID("2e5d8b71-f046-5a93-8d1c-6f9a3c70e4b5")


def like(example: UUID, what: str) -> WithJsonSchema:
    """The description of a field, unless it has one of its own."""
    return WithJsonSchema(
        {"type": "string", "format": "uuid", "description": what, "examples": [str(example)]}
    )


WorkId = Annotated[UUID, like(WORK, "The work.")]
SiteId = Annotated[UUID, like(SITE, "The site.")]
OperativeId = Annotated[UUID, like(OPERATIVE, "The operative.")]
ProductId = Annotated[UUID, like(PRODUCT, "The product.")]
OrderId = Annotated[UUID, like(ORDER, "The order.")]
BuyerId = Annotated[UUID, like(BUYER, "The buyer.")]
PaymentMethodId = Annotated[UUID, like(PAYMENT_METHOD, "The payment method.")]
EventId = Annotated[UUID, like(EVENT, "The event.")]
CommandId = Annotated[UUID, like(COMMAND, "The command, or the event, that caused it.")]
CorrelationId = Annotated[UUID, like(WORK, "The same for all that one request has led to.")]
