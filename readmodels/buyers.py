"""Buyers, their cards, and what they have paid."""

from eventstore.projections.read_model import ReadModel
from eventstore.projections.unit_of_work import Rows
from eventstore.store import RecordedEvent
from orders.events import BuyerRegistered, DiscountEarned, PaymentMethodVerified, PaymentRecorded
from readmodels.models import BuyerRow, BuyerText, BuyerWord, PaymentMethodRow
from readmodels.money import cents
from readmodels.texts import add_text
from spelling.name_order import sort_key

buyers = ReadModel("buyers", version=4, tables=[BuyerRow, PaymentMethodRow, BuyerText, BuyerWord])


@buyers.on(BuyerRegistered)
def registered(event: BuyerRegistered, recorded: RecordedEvent, rows: Rows) -> None:
    rows.add(
        BuyerRow(
            buyer_id=event.buyer_id,
            name=event.name,
            email=event.email,
            sort_key=sort_key(event.name),
            registered_at=recorded.occurred_at,
        )
    )
    add_text(rows, BuyerText, event.buyer_id, event.name, event.email)


@buyers.on(PaymentMethodVerified, loads={PaymentMethodRow: "payment_method_id"})
def method_verified(event: PaymentMethodVerified, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.find(PaymentMethodRow, event.payment_method_id)
    if row is None:
        row = PaymentMethodRow(payment_method_id=event.payment_method_id, buyer_id=event.buyer_id)
        row.type, row.last_four = event.card.type.label, event.card.last_four
        row.expiry = event.card.expiry
        rows.add(row)
    row.holder, row.verified_at = event.card.holder, recorded.occurred_at


@buyers.on(PaymentRecorded, loads={BuyerRow: "buyer_id"})
def payment_recorded(event: PaymentRecorded, recorded: RecordedEvent, rows: Rows) -> None:
    rows.get(BuyerRow, event.buyer_id).paid_cents = cents(event.total)


@buyers.on(DiscountEarned, loads={BuyerRow: "buyer_id"})
def discount_earned(event: DiscountEarned, recorded: RecordedEvent, rows: Rows) -> None:
    rows.get(BuyerRow, event.buyer_id).discount_percent = event.discount_percent
