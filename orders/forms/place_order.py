"""The form that places an order."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from orders.commands import PlaceOrder
from orders.events import Address, OrderStarted
from orders.facts import first_sent, order_items, site_fact, work_fact
from orders.forms.card import (
    BAD_EXPIRY,
    BAD_HOLDER,
    BAD_NUMBER,
    ELSEWHERE,
    NO_CODE,
    CardForm,
    without_card_number,
)
from orders.forms.email import reachable, well_formed, without_card
from orders.forms.items import MOST_ROWS, ItemsField, Row, rows_of, shortages
from pages.command_form import CommandForm
from pages.fields import line
from pages.question import Question
from pages.secret_fields import is_secret
from readmodels.models import SiteRow
from readmodels.queries import products

ADDRESS = "address"
"""The choice of an address that is typed; any other value is the id of one of our sites."""
WHERE = "Choose where to ship to"
NOWHERE = "Order must have an address to ship to"
ADDRESS_LINES = ("address_line_1", "town", "post_code")
LOOK_FOR = "product_q"
"""The field for a search for products. It is no part of the order."""


def searched(given: QueryDict, name: str) -> str:
    """The text to look for in a field of this name."""
    return given.get(name, "").replace("\0", "").strip()[:100]


class Destination(forms.CharField):
    """ADDRESS or a site."""

    def clean(self, value: Any) -> SiteRow | None:
        if value in (ADDRESS, "", None):
            return None
        try:
            return SiteRow.objects.in_bulk([UUID(value)])[UUID(value)]
        except (KeyError, ValueError):
            raise ValidationError(WHERE) from None


class PlaceOrderForm(CommandForm, CardForm):
    """Who buys what, where it goes and with which card it is paid."""

    # All that is missing is said at once, in the order's own words: after each refusal the card's number
    # must be typed again.
    buyer_name = line("Name", 200, required="Order must have a buyer name", **{"data-key": "n"})
    buyer_email = line("E-mail", 254, required="Order must have a buyer e-mail address", type="email")
    items = ItemsField(required=False)
    ship_to = Destination(required=False)
    address_line_1 = line("Address line 1", 200)
    town = line("Town", 100)
    post_code = line("Post code", 20, autocapitalize="characters")
    work = forms.UUIDField(
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid": "There is no such job for the order to belong to"},
    )
    field_order = ("command_id", "work", "buyer_name", "buyer_email", "items", "ship_to", *ADDRESS_LINES)
    faults = {
        "Order must have a buyer name": "buyer_name",
        "Order must have a buyer e-mail address": "buyer_email",
        "No order items found": "items",
        "Invalid number of units": "items",
        "Choose a product": "items",
        "There is no such product": "items",
        NOWHERE: "address_line_1",
        WHERE: "ship_to",
        "Order must be shipped to a site that is ours": "ship_to",
        "There is no such job for the order to belong to": "work",
        "This job was withdrawn; an order cannot belong to it": "work",
        "Choose a card": "card_type",
        BAD_NUMBER: "card_number",
        BAD_HOLDER: "card_holder",
        BAD_EXPIRY: "expiry",
        NO_CODE: "security_code",
    }

    def __init__(self, sent: QueryDict | None = None, *, typed: QueryDict | None = None) -> None:
        """`sent` is to be checked; `typed` is only to be shown again, because the person has not finished."""
        kept = {name: value for name, value in (typed or QueryDict()).items() if not is_secret(name)}
        super().__init__(sent, initial=kept)
        self.typed = sent if sent is not None else typed
        self.fields["buyer_email"].validators += [well_formed, without_card]
        for name in ("buyer_name", *ADDRESS_LINES):
            self.fields[name].validators.append(without_card_number)

    def clean_buyer_email(self) -> str:
        """An address that this very form was accepted for before needs no new check."""
        email = str(self.cleaned_data["buyer_email"])
        first = self.first if "command_id" in self.cleaned_data else None
        if first is None or first.buyer_email != email.lower():
            reachable(email)
        return email

    def clean(self) -> None:
        self.check_card()
        if self.looked_for:
            # Somebody who typed a name means to order it, and pressed Enter too soon.
            self.add_error("items", "Choose a product")
        blank = [name for name in ADDRESS_LINES if not self.cleaned_data.get(name, "?")]
        if self.chosen == ADDRESS and blank:
            self.add_error(blank[0], NOWHERE)

    def renew(self) -> None:
        """Keep what was typed, without what must not go back into a page."""
        super().renew()
        data = cast(QueryDict, self.data)
        for name in [each for each in data if is_secret(each)]:
            del data[name]
        if BAD_HOLDER in self.errors.get("card_holder", []):
            data.pop("card_holder", None)
        for name, errors in self.errors.items():
            if ELSEWHERE in errors:
                data.pop(name, None)
        self.typed = data

    def field_of(self, sentence: str) -> str | None:
        """The sentence says which product is no longer sold."""
        return "items" if sentence.endswith(" is no longer sold") else super().field_of(sentence)

    @cached_property
    def chosen(self) -> str:
        """The destination, as it was typed."""
        return (self.typed or QueryDict()).get("ship_to", "") or ADDRESS

    @property
    def rows(self) -> Sequence[Row]:
        """The rows as they were typed, without the empty ones."""
        sent = rows_of(self.typed) if self.typed is not None else []
        return [row for row in sent if not row.is_blank]

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another row."""
        return len(self.rows) >= MOST_ROWS

    @property
    def looked_for(self) -> str:
        """The text that was typed to find a product, when none was chosen yet."""
        return searched(self.typed or QueryDict(), LOOK_FOR)

    @cached_property
    def first(self) -> OrderStarted | None:
        """The first order of this very form, if it was sent before."""
        return first_sent(self.cleaned_data["command_id"])

    def was_taken(self, expiry: str) -> bool:
        return "command_id" in self.cleaned_data and bool(self.first and self.first.card.expiry == expiry)

    def questions(self) -> Iterable[Question]:
        """Asks whether more is wanted than there is. A form that was sent before is answered as it was
        then."""
        if self.first:
            return ()
        wanted = self.cleaned_data["items"]
        return shortages(wanted, products.by_ids(product_id for product_id, _ in wanted)).values()

    def to_command(self) -> PlaceOrder:
        """The order's id is the command's, so that the same form sent twice is one order."""
        given = self.cleaned_data
        site = given["ship_to"]
        return PlaceOrder(
            order_id=given["command_id"],
            buyer_name=given["buyer_name"],
            buyer_email=given["buyer_email"],
            items=order_items(self.first, given["items"]),
            ship_to=self.address(site),
            card=self.card(),
            site=site_fact(site) if site else None,
            work=work_fact(given["work"]) if given["work"] else None,
        )

    def address(self, site: SiteRow | None) -> Address:
        """The site's address, or the one that was typed."""
        if site is not None:
            if self.first and self.first.site_id == site.site_id:
                return self.first.ship_to
            return Address(line_1=site.address_line_1, town=site.town, post_code=site.post_code)
        given = self.cleaned_data
        return Address(line_1=given["address_line_1"], town=given["town"], post_code=given["post_code"])
