"""What is sent to place an order, and to cancel it."""

from pydantic import Field, SecretStr, model_validator
from pydantic.config import JsonDict

from api.shapes import NOT_BLANK, Sent, entered
from api.shapes.ids import ProductId, SiteId, WorkId
from orders.events import CardType
from orders.forms.items import MOST_ROWS
from orders.forms.place_order import ADDRESS, PlaceOrderForm
from orders.forms.steps import REASON
from orders.order import MOST_UNITS

FIELDS = {
    "ship_to": "site_id",
    "address_line_1": "ship_to.address_line_1",
    "town": "ship_to.town",
    "post_code": "ship_to.post_code",
    "work": "work_id",
    "card_type": "card.type",
    "card_number": "card.number",
    "card_holder": "card.holder",
    "expiry": "card.expiry",
    "security_code": "card.security_code",
}
"""What the fields of the page's form are called in the body, if that differs."""


class Item(Sent):
    """So many units of a product."""

    product_id: ProductId = Field(description="A product that is sold.")
    units: int = Field(
        strict=True,
        json_schema_extra={"minimum": 1, "maximum": MOST_UNITS},
        description="How many. The same product twice adds up.",
        examples=[2],
    )


class Address(Sent):
    """Where an order goes that goes to none of our sites."""

    address_line_1: str = entered(PlaceOrderForm, "address_line_1", "House and street.", "1 Harbour Street")
    town: str = entered(PlaceOrderForm, "town", "Town.", "Whitby")
    post_code: str = entered(PlaceOrderForm, "post_code", "Post code.", "YO21 1AA")


class Card(Sent):
    """The card with which the order is paid. Its number and security code are looked at and not kept: of the
    number no more than the last four digits."""

    type: CardType = Field(description="Whose card it is.", examples=["visa"])
    number: SecretStr = Field(
        json_schema_extra={"minLength": 12, "maxLength": 40},
        description="12 to 19 digits, perhaps with spaces or hyphens between them.",
        examples=["4111 1111 1111 1111"],
    )
    security_code: SecretStr = Field(
        json_schema_extra={"minLength": 3, "maxLength": 4},
        description="3 digits; 4 on a card by American Express.",
        examples=["123"],
    )
    holder: str = entered(PlaceOrderForm, "card_holder", "The name on the card.", "Grace Hopper")
    expiry: str = entered(
        PlaceOrderForm,
        "expiry",
        "The last month in which it is valid: 12/35, 12/2035 or 2035-12.",
        "2035-12",
        said={"minLength": 4},
    )


ELSEWHERE: JsonDict = {"address_line_1": "14 Mill Lane", "town": "York", "post_code": "YO1 7HH"}


class NewOrder(Sent):
    """Who buys what, where it goes, and with which card it is paid."""

    buyer_name: str = entered(PlaceOrderForm, "buyer_name", "Who buys.", "Grace Hopper")
    buyer_email: str = entered(
        PlaceOrderForm,
        "buyer_email",
        "Where they are written to. Buyers are known by it: the same address is the same buyer.",
        "grace@example.com",
        said={"format": "idn-email"},
    )
    items: list[Item] = Field(
        max_length=MOST_ROWS, json_schema_extra={"minItems": 1}, description="What they buy."
    )
    ship_to: Address | None = Field(
        default=None, description="Where it goes; or give `site_id`.", examples=[None, ELSEWHERE]
    )
    site_id: SiteId | None = Field(
        default=None, description="The site of ours that it goes to; or give `ship_to`."
    )
    work_id: WorkId | None = Field(default=None, description="The work that it is for.")
    card: Card = Field(description="With which card it is paid.")

    @model_validator(mode="after")
    def one_place(self) -> "NewOrder":
        """Refuses two destinations: an order is not shipped twice."""
        if self.ship_to and self.site_id:
            raise ValueError("Give ship_to or site_id, not both")
        return self

    @property
    def typed(self) -> dict[str, object]:
        """The same, as it would be typed into the page's form."""
        card = self.card
        return {
            "buyer_name": self.buyer_name,
            "buyer_email": self.buyer_email,
            "product": [each.product_id for each in self.items],
            "units": [each.units for each in self.items],
            "ship_to": self.site_id or ADDRESS,
            **(dict(self.ship_to) if self.ship_to else {}),
            "work": self.work_id,
            "card_type": card.type,
            "card_number": card.number.get_secret_value(),
            "card_holder": card.holder,
            "expiry": card.expiry,
            "security_code": card.security_code.get_secret_value(),
        }


class Cancellation(Sent):
    """Why an order is not wanted any more."""

    reason: str = Field(
        max_length=REASON,
        json_schema_extra=NOT_BLANK,
        description="A sentence. The buyer reads it.",
        examples=["Ordered by mistake."],
    )
