"""Forms that stand for what is asked of a product."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from django import forms
from django.urls import reverse

from eventstore.decider import Refused
from pages.command_form import CommandForm
from pages.fields import line
from pages.number_fields import amount, difference, whole_number
from pages.question import Question, twin
from products.commands import (
    CorrectStock,
    CreateProduct,
    ProductCommand,
    RenameProduct,
    RepriceProduct,
    RestockProduct,
    WithdrawProduct,
)
from products.product import MOST, NOT_FREE, must_leave_stock, priced, stocked
from readmodels.models import ProductRow
from readmodels.queries import twins

T = TypeVar("T")

NAME = 200
"""Characters."""

REASON = 500
"""Characters."""

NAMELESS = {"Product must have a name": "name"}
PRICELESS = {
    "Product must have a price": "price",
    "Price must not be negative": "price",
    f"Price must not be above {MOST:,}": "price",
    "Price must have at most two decimal places": "price",
}


def judged(rule: Callable[[T], T], given: T) -> T:
    """The result of a rule for one field."""
    try:
        return rule(given)
    except Refused as refusal:
        raise forms.ValidationError(str(refusal)) from None


def namesake(name: str, own: object) -> Iterable[Question]:
    """Asks whether this is another product than the one with the same name."""
    if found := twins.product(name, own):
        yield twin(found, reverse("product", args=[found.pk]))


class CreateForm(CommandForm):
    """The new product's id is the form's command id, so that the form sent twice creates once."""

    name = line("Name", NAME, required="Product must have a name")
    price = amount("Price", required="Product must have a price")
    stock = whole_number("In stock", required="Say how many are in stock, or 0")
    faults = {
        **NAMELESS,
        **PRICELESS,
        "Say how many are in stock, or 0": "stock",
        "Stock must not be negative": "stock",
        "This is too much stock": "stock",
    }

    def clean_price(self) -> Decimal:
        """Checked by the rule itself, so that all faults of the form are reported at once; the stock
        likewise."""
        price: Decimal = self.cleaned_data["price"]
        return judged(priced, price)

    def clean_stock(self) -> int:
        stock: int = self.cleaned_data["stock"]
        return judged(stocked, stock)

    def questions(self) -> Iterable[Question]:
        return namesake(self.cleaned_data["name"], self.cleaned_data["command_id"])

    def to_command(self) -> CreateProduct:
        given = self.cleaned_data
        return CreateProduct(
            product_id=given["command_id"], name=given["name"], price=given["price"], stock=given["stock"]
        )


class ChangeForm(CommandForm):
    """A change to one product. Several of these forms stand on its page, so the ids of fields begin with
    the verb."""

    verb: ClassVar[str]

    def __init__(self, product: ProductRow, data: Any = None) -> None:
        self.product = product
        self.about = lambda: str(product)
        initial = {"name": product.name, "price": product.price}
        super().__init__(data, auto_id=f"{self.verb}_%s", initial=initial)

    def to_command(self) -> ProductCommand:
        raise NotImplementedError


class RenameForm(ChangeForm):
    """What it is called from now on."""

    verb = "rename"
    name = line("Name", NAME, required="Product must have a name")
    faults = NAMELESS

    def questions(self) -> Iterable[Question]:
        return namesake(self.cleaned_data["name"], self.product.product_id)

    def to_command(self) -> RenameProduct:
        return RenameProduct(product_id=self.product.product_id, name=self.cleaned_data["name"])


class RepriceForm(ChangeForm):
    """What it costs from now on; orders keep the price at which they were placed."""

    verb = "reprice"
    price = amount("Price", required="Product must have a price")
    faults = PRICELESS

    def to_command(self) -> RepriceProduct:
        return RepriceProduct(product_id=self.product.product_id, price=self.cleaned_data["price"])


class RestockForm(ChangeForm):
    """How many more there are."""

    verb = "restock"
    quantity = whole_number("Add to stock", required="At least one must be put into stock")
    faults = {"At least one must be put into stock": "quantity", "This is too much stock": "quantity"}

    def to_command(self) -> RestockProduct:
        return RestockProduct(product_id=self.product.product_id, quantity=self.cleaned_data["quantity"])


class CorrectStockForm(ChangeForm):
    """By how many the stock is wrong, and why."""

    verb = "correct"
    difference = difference("Correct stock by", required="A correction must change the stock")
    reason = line("Reason", REASON, required="A correction of stock must have a reason")
    faults = {
        "A correction must change the stock": "difference",
        "This is too much stock": "difference",
        "A correction of stock must have a reason": "reason",
    }

    def clean_difference(self) -> int:
        """Checked here as well as by the rule, so that all faults of the form are reported at once."""
        difference: int = self.cleaned_data["difference"]
        if not difference:
            raise forms.ValidationError("A correction must change the stock")
        return difference

    def clean(self) -> None:
        """If there is another fault, also report at once that so many are not free, as far as the page
        knows. Otherwise the rule decides that, because it knows better."""
        difference = self.cleaned_data.get("difference")
        if self.errors and difference is not None:
            try:
                must_leave_stock(self.product.stock, difference)
            except Refused as refusal:
                self.add_error("difference", str(refusal))

    def field_of(self, sentence: str) -> str | None:
        """The sentence says how many are free."""
        return "difference" if sentence.startswith(NOT_FREE) else super().field_of(sentence)

    def to_command(self) -> CorrectStock:
        given = self.cleaned_data
        return CorrectStock(
            product_id=self.product.product_id, difference=given["difference"], reason=given["reason"]
        )


class WithdrawForm(ChangeForm):
    """No fields."""

    verb = "withdraw"

    def to_command(self) -> WithdrawProduct:
        return WithdrawProduct(product_id=self.product.product_id)


CHANGES: tuple[type[ChangeForm], ...] = (RestockForm, CorrectStockForm, RepriceForm, RenameForm)
"""The forms on the product's page."""
