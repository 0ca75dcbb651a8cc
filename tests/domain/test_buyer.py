"""The rules of buyers."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from orders.buyer import BUYER, THRESHOLD, buyer_id_of, payment_method_id_of
from orders.commands import RecordPayment, VerifyPaymentMethod
from orders.events import (
    BuyerEvent,
    BuyerRegistered,
    CardType,
    DiscountEarned,
    PaymentMethodVerified,
    PaymentRecorded,
)
from tests.domain.cast import FIRST_ORDER, GRACE, GRACES_CARD, SECOND_ORDER, THIRD_ORDER
from tests.domain.scenario import given

VERIFY = VerifyPaymentMethod(
    buyer_id=GRACE,
    order_id=FIRST_ORDER,
    name="Grace Hopper",
    email="grace@example.com",
    card=GRACES_CARD,
    paid_before=Decimal(0),
)
REGISTERED = BuyerRegistered(buyer_id=GRACE, name="Grace Hopper", email="grace@example.com")


def verified(order_id: UUID = FIRST_ORDER, discount_percent: int = 0) -> PaymentMethodVerified:
    return PaymentMethodVerified(
        buyer_id=GRACE,
        order_id=order_id,
        payment_method_id=payment_method_id_of(GRACE, GRACES_CARD),
        card=GRACES_CARD,
        discount_percent=discount_percent,
    )


def pay(order_id: UUID, amount: str) -> RecordPayment:
    return RecordPayment(buyer_id=GRACE, order_id=order_id, amount=Decimal(amount))


def paid(order_id: UUID, amount: str, total: str) -> PaymentRecorded:
    return PaymentRecorded(buyer_id=GRACE, order_id=order_id, amount=Decimal(amount), total=Decimal(total))


def earned(order_id: UUID) -> DiscountEarned:
    return DiscountEarned(buyer_id=GRACE, order_id=order_id, discount_percent=10)


# --- Who they are ----------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["Grace@example.com", "GRACE@EXAMPLE.COM", " grace@example.com "])
def test_a_buyer_is_known_by_their_e_mail_address_in_any_case(email: str) -> None:
    assert buyer_id_of(email) == GRACE


def test_another_address_is_another_buyer() -> None:
    assert buyer_id_of("grace@example.org") != GRACE


def test_with_the_first_order_a_buyer_is_registered_and_the_card_verified() -> None:
    given(BUYER).when(VERIFY).then(REGISTERED, verified())


def test_a_known_buyer_only_has_the_card_verified() -> None:
    command = replace(VERIFY, order_id=SECOND_ORDER)
    given(BUYER, REGISTERED, verified()).when(command).then(verified(SECOND_ORDER))


def test_an_order_is_verified_once() -> None:
    given(BUYER, REGISTERED, verified()).when(VERIFY).then()


# --- Their cards -----------------------------------------------------------------------------------


def test_the_same_type_last_four_digits_and_expiry_are_the_same_payment_method() -> None:
    again = replace(GRACES_CARD, holder="G. M. Hopper")
    assert payment_method_id_of(GRACE, again) == payment_method_id_of(GRACE, GRACES_CARD)


@pytest.mark.parametrize(
    "other", [{"type": CardType.MASTERCARD}, {"last_four": "1112"}, {"expiry": "2099-04"}], ids=str
)
def test_anything_else_is_another_payment_method(other: dict[str, Any]) -> None:
    assert payment_method_id_of(GRACE, replace(GRACES_CARD, **other)) != payment_method_id_of(
        GRACE, GRACES_CARD
    )


def test_the_same_card_of_two_buyers_is_two_payment_methods() -> None:
    ada = buyer_id_of("ada@example.com")
    assert payment_method_id_of(ada, GRACES_CARD) != payment_method_id_of(GRACE, GRACES_CARD)


# --- What they have paid, and the discount ---------------------------------------------------------


def test_payments_add_up_over_all_orders() -> None:
    given(BUYER, REGISTERED).when(pay(FIRST_ORDER, "10.10")).then(paid(FIRST_ORDER, "10.10", "10.10"))
    history: tuple[BuyerEvent, ...] = (REGISTERED, paid(FIRST_ORDER, "10.10", "10.10"))
    given(BUYER, *history).when(pay(SECOND_ORDER, "0.05")).then(paid(SECOND_ORDER, "0.05", "10.15"))


def test_a_buyer_keeps_in_mind_only_what_is_to_be_paid() -> None:
    """Of an order that was paid the ids of its commands tell that it was verified and paid."""
    history: tuple[BuyerEvent, ...] = (
        REGISTERED,
        verified(),
        paid(FIRST_ORDER, "10.10", "10.10"),
        verified(SECOND_ORDER),
    )
    assert BUYER.fold(history).unpaid == {SECOND_ORDER}


def test_an_order_is_verified_and_paid_once_whoever_says_so() -> None:
    assert BUYER.own_id(pay(FIRST_ORDER, "1.00")) == BUYER.own_id(pay(FIRST_ORDER, "2.00"))
    assert (
        len({BUYER.own_id(each) for each in (VERIFY, pay(FIRST_ORDER, "1.00"), pay(SECOND_ORDER, "1.00"))})
        == 3
    )


def test_nobody_pays_who_was_never_registered() -> None:
    given(BUYER).when(pay(FIRST_ORDER, "1.00")).then_refused("This buyer was never registered")


def test_six_thousand_exactly_is_not_more_than_six_thousand() -> None:
    assert Decimal(6000) == THRESHOLD
    given(BUYER, REGISTERED).when(pay(FIRST_ORDER, "6000.00")).then(paid(FIRST_ORDER, "6000.00", "6000.00"))


def test_a_cent_more_earns_ten_percent() -> None:
    before = paid(FIRST_ORDER, "6000.00", "6000.00")
    given(BUYER, REGISTERED, before).when(pay(SECOND_ORDER, "0.01")).then(
        paid(SECOND_ORDER, "0.01", "6000.01"), earned(SECOND_ORDER)
    )


def test_one_order_alone_may_earn_it() -> None:
    given(BUYER, REGISTERED).when(pay(FIRST_ORDER, "9000.00")).then(
        paid(FIRST_ORDER, "9000.00", "9000.00"), earned(FIRST_ORDER)
    )


@pytest.mark.parametrize(
    ("paid_before", "percent"), [("0", 0), ("6000.00", 0), ("6000.01", 10), ("9000", 10)]
)
def test_an_order_carries_the_discount_that_was_earned_before_it_was_placed(
    paid_before: str, percent: int
) -> None:
    command = replace(VERIFY, order_id=SECOND_ORDER, paid_before=Decimal(paid_before))
    given(BUYER, REGISTERED, verified()).when(command).then(verified(SECOND_ORDER, percent))


def test_what_the_buyer_has_been_told_of_by_then_is_another_matter() -> None:
    """An earlier order that is verified late, and a payment that is recorded late."""
    crossed = (
        REGISTERED,
        verified(FIRST_ORDER),
        paid(FIRST_ORDER, "6000.01", "6000.01"),
        earned(FIRST_ORDER),
    )
    given(BUYER, *crossed).when(replace(VERIFY, order_id=SECOND_ORDER)).then(verified(SECOND_ORDER))
    late = replace(VERIFY, order_id=SECOND_ORDER, paid_before=Decimal("6000.01"))
    given(BUYER, REGISTERED, verified(FIRST_ORDER)).when(late).then(verified(SECOND_ORDER, 10))


def test_an_order_that_was_verified_before_the_line_was_crossed_stays_without_a_discount() -> None:
    history = (
        REGISTERED,
        verified(FIRST_ORDER),
        verified(SECOND_ORDER),
        paid(FIRST_ORDER, "7000.00", "7000.00"),
        earned(FIRST_ORDER),
    )
    given(BUYER, *history).when(replace(VERIFY, order_id=SECOND_ORDER)).then()


def test_the_discount_is_earned_once() -> None:
    history = (REGISTERED, paid(FIRST_ORDER, "7000.00", "7000.00"), earned(FIRST_ORDER))
    given(BUYER, *history).when(pay(SECOND_ORDER, "7000.00")).then(paid(SECOND_ORDER, "7000.00", "14000.00"))


def test_an_order_that_was_never_paid_does_not_count() -> None:
    history = (
        REGISTERED,
        verified(FIRST_ORDER),
        verified(SECOND_ORDER),
        paid(SECOND_ORDER, "5999.00", "5999.00"),
    )
    given(BUYER, *history).when(pay(THIRD_ORDER, "1.00")).then(paid(THIRD_ORDER, "1.00", "6000.00"))
