"""The tables of products. Money is kept in cents, because SQLite would keep a decimal as a float."""

from decimal import Decimal

from django.db import models

from readmodels.models.columns import ByteOrderedText
from readmodels.money import amount


class ProductRow(models.Model):
    """A product as it is now."""

    product_id = models.UUIDField(primary_key=True)
    name = models.TextField()
    sort_key = ByteOrderedText(default="", help_text="The name, to be sorted by.")
    price_cents = models.BigIntegerField()
    stock = models.BigIntegerField(help_text="What can still be reserved.")
    reserved = models.BigIntegerField(default=0, help_text="Kept for orders, and not released again.")
    shipped = models.BigIntegerField(default=0, help_text="Of what is reserved, what has left.")
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = "product"
        ordering = ("sort_key", "product_id")
        indexes = (models.Index(fields=["sort_key", "product_id"], name="product_in_order"),)

    def __str__(self) -> str:
        return self.name

    @property
    def waiting(self) -> int:
        """How many are reserved for orders that have not been shipped yet."""
        return self.reserved - self.shipped

    @property
    def price(self) -> Decimal:
        """In the currency of the settings."""
        return amount(self.price_cents)


class ReservationRow(models.Model):
    """What is reserved for an order, kept for the event that ships it, which names no product."""

    order_id = models.UUIDField(primary_key=True)
    kept = models.TextField(default="{}", help_text="How many of which product, as JSON.")
    is_shipped = models.BooleanField(default=False)

    class Meta:
        default_permissions = ("view",)
        verbose_name = "reservation"

    def __str__(self) -> str:
        return f"Order {self.order_id}"


class PriceRow(models.Model):
    """A price of a product, from a moment on."""

    position = models.BigIntegerField(primary_key=True)
    product_id = models.UUIDField()
    price_cents = models.BigIntegerField()
    since = models.DateTimeField()

    class Meta:
        default_permissions = ("view",)
        verbose_name = "price"
        ordering = ("position",)
        indexes = (models.Index(fields=["product_id", "position"], name="price_of_product"),)

    def __str__(self) -> str:
        return f"{self.price} from {self.since}"

    @property
    def price(self) -> Decimal:
        """In the currency of the settings."""
        return amount(self.price_cents)
