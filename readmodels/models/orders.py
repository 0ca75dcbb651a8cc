"""The tables of orders and their buyers. Money is in cents, because SQLite would keep a decimal as a
float."""

from decimal import Decimal

from django.db import models

from readmodels.models.columns import ByteOrderedText
from readmodels.money import amount


class OrderRow(models.Model):
    """An order as it is now. The total is after the discount."""

    class Status(models.TextChoices):
        SUBMITTED = "submitted", "Submitted"
        AWAITING_VALIDATION = "awaiting_validation", "Awaiting validation"
        STOCK_CONFIRMED = "stock_confirmed", "Stock confirmed"
        PAID = "paid", "Paid"
        SHIPPED = "shipped", "Shipped"
        CANCELLED = "cancelled", "Cancelled"

    order_id = models.UUIDField(primary_key=True)
    number = models.IntegerField(help_text="Counts orders in the order in which they were recorded, from 1.")
    status = models.CharField(max_length=20, choices=Status.choices)
    buyer_name = models.TextField()
    buyer_email = models.TextField()
    buyer_id = models.UUIDField(null=True)
    payment_method_id = models.UUIDField(null=True)
    card = models.TextField(help_text="Type, last four digits and expiry, as people read them.")
    ship_to = models.TextField(help_text="The address in one line.")
    site_id = models.UUIDField(null=True)
    work_id = models.UUIDField(null=True)
    discount_percent = models.SmallIntegerField(default=0)
    total_cents = models.BigIntegerField()
    placed_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text="When it came to its status.")
    reason = models.TextField(help_text="Why it was cancelled.")

    class Meta:
        default_permissions = ("view",)
        verbose_name = "order"
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["number"], name="order_by_number"),
            models.Index(fields=["status", "number"], name="order_by_status"),
            models.Index(fields=["buyer_id", "number"], name="order_by_buyer"),
            models.Index(fields=["work_id"], name="order_of_work", condition=models.Q(work_id__isnull=False)),
        )

    def __str__(self) -> str:
        return f"Order {self.number}"

    @property
    def total(self) -> Decimal:
        """In the currency of the settings."""
        return amount(self.total_cents)


class OrderLineRow(models.Model):
    """One product of an order."""

    pk = models.CompositePrimaryKey("order_id", "product_id")
    order = models.ForeignKey(
        OrderRow, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="lines"
    )
    product_id = models.UUIDField()
    place = models.SmallIntegerField()
    name = models.TextField()
    units = models.IntegerField()
    unit_price_cents = models.BigIntegerField()
    is_reserved = models.BooleanField(null=True, help_text="Null until the stock has answered.")

    class Meta:
        default_permissions = ("view",)
        verbose_name = "order line"
        ordering = ("place",)

    def __str__(self) -> str:
        return f"{self.units} x {self.name}"

    @property
    def unit_price(self) -> Decimal:
        """In the currency of the settings."""
        return amount(self.unit_price_cents)


class OrderCounter(models.Model):
    """How many orders there have ever been, which is the number of the last. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    orders = models.IntegerField(default=0)

    class Meta:
        default_permissions = ("view",)
        verbose_name = "counter of orders"
        verbose_name_plural = "counter of orders"

    def __str__(self) -> str:
        return f"{self.orders} orders"


class BuyerRow(models.Model):
    """Somebody who has placed orders, known by their e-mail address."""

    buyer_id = models.UUIDField(primary_key=True)
    name = models.TextField()
    email = models.TextField()
    registered_at = models.DateTimeField()
    paid_cents = models.BigIntegerField(default=0, help_text="Over all their orders.")
    discount_percent = models.SmallIntegerField(default=0, help_text="What their next order carries.")
    sort_key = ByteOrderedText(default="", help_text="The name, to be sorted by.")

    class Meta:
        default_permissions = ("view",)
        verbose_name = "buyer"
        ordering = ("sort_key", "buyer_id")
        indexes = (models.Index(fields=["sort_key", "buyer_id"], name="buyer_in_order"),)

    def __str__(self) -> str:
        return self.name

    @property
    def paid(self) -> Decimal:
        """In the currency of the settings."""
        return amount(self.paid_cents)


class PaymentMethodRow(models.Model):
    """A card that a buyer has paid with, or tried to."""

    payment_method_id = models.UUIDField(primary_key=True)
    buyer_id = models.UUIDField()
    type = models.TextField()
    holder = models.TextField()
    last_four = models.TextField()
    expiry = models.TextField(help_text="Its last month, such as 2027-03.")
    verified_at = models.DateTimeField(help_text="When it was last wanted for an order.")

    class Meta:
        default_permissions = ("view",)
        verbose_name = "payment method"
        ordering = ("-verified_at",)
        indexes = (models.Index(fields=["buyer_id"], name="method_of_buyer"),)

    def __str__(self) -> str:
        return f"{self.type} ending in {self.last_four}"
