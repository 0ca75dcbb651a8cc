"""Mail to buyers: confirmed, shipped, cancelled, discount earned.

A mail has a Message-ID that follows from its event: if it is sent twice, because the process died just
after sending, a mail program can recognise that. Nobody gets mail about history: neither about what was in
the store long before this reaction first ran, nor about what was moved to it. Everything else is sent,
however late: when the mail server is back, or when somebody has it tried again.
"""

from datetime import timedelta
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone

from eventstore.current import current_store
from eventstore.projections.start import Since
from eventstore.reactions.reaction import Away, Cause, NotNow, Reaction
from eventstore.store import RecordedEvent
from orders.buyer import BUYER
from orders.events import (
    BuyerRegistered,
    DiscountEarned,
    OrderCancelled,
    OrderPaid,
    OrderShipped,
    OrderStarted,
)
from orders.order import ORDER
from orders.smtp import Letter

NEWS = timedelta(days=2)
"""An event that is older than this when the reaction first sees it is history."""
BEGINNING = 100
"""The number of events among which is the one that began a stream, in case others have written into it
before."""
TEMPORARY, CLOSING, PERMANENT = 400, 421, 500
"""SMTP codes: from TEMPORARY on, a mail is not taken now; CLOSING: the session ends; from PERMANENT on, a
mail is never taken."""

mail = Reaction("mail", start=Since(timezone.now() - NEWS))


@mail.on(OrderPaid)
def confirmed(event: OrderPaid, cause: Cause) -> None:
    order = order_of(event.order_id)
    discounted = sum(line.amount() for line in order.lines) - event.amount
    context = {"amount": event.amount, "lines": order.lines, "saved": discounted}
    send("confirmed", "Your order is confirmed", order, cause, **context)


@mail.on(OrderShipped)
def shipped(event: OrderShipped, cause: Cause) -> None:
    send("shipped", "Your order is on its way", order_of(event.order_id), cause)


@mail.on(OrderCancelled)
def cancelled(event: OrderCancelled, cause: Cause) -> None:
    send("cancelled", "Your order was cancelled", order_of(event.order_id), cause, reason=event.reason)


@mail.on(DiscountEarned)
def discount_earned(event: DiscountEarned, cause: Cause) -> None:
    buyer = buyer_of(event.buyer_id)
    percent = event.discount_percent
    deliver("discount", f"{percent}% off from now on", buyer.email, cause, name=buyer.name, percent=percent)


def send(template: str, subject: str, order: OrderStarted, cause: Cause, **context: object) -> None:
    """A mail about an order, to the person who placed it."""
    context |= {"name": order.buyer_name, "order_id": order.order_id, "ship_to": order.ship_to}
    deliver(template, subject, order.buyer_email, cause, **context)


def deliver(template: str, subject: str, to: str, cause: Cause, **context: object) -> None:
    """Send one mail, in plain text and HTML, for this cause."""
    if is_history(cause.recorded):
        cause.nothing()
        return
    context["currency"] = settings.CURRENCY
    text = render_to_string(f"orders/mail/{template}.txt", context)
    message = Letter(subject, text, to=to, headers={"Message-ID": f"<{cause.recorded.id}@callout>"})
    message.attach_alternative(render_to_string(f"orders/mail/{template}.html", context), "text/html")
    cause.once(lambda: hand_over(message))


def is_history(recorded: RecordedEvent) -> bool:
    """Whether the store took it long after it had happened: it was moved here, or made up for a demo."""
    return recorded.recorded_at - recorded.occurred_at > NEWS


def hand_over(message: EmailMultiAlternatives) -> None:
    """Give the mail to the server. Raises Away while the server takes no mail at all, NotNow while it does
    not take this one, and what smtplib raises if it never will."""
    try:
        message.send()
    except OSError as error:  # as every SMTPException is
        if is_away(error):
            raise Away(f"The mail server is away, or takes no mail now ({type(error).__name__})") from error
        code, words = answer_of(error)
        if TEMPORARY <= code < PERMANENT:
            raise NotNow(f"The mail server does not take this mail now: {code} {words}") from error
        raise


def is_away(error: OSError) -> bool:
    """Whether the server is not there, does not let us in, or ends the session, which says nothing about
    the mail."""
    if isinstance(error, SMTPConnectError | SMTPHeloError | SMTPAuthenticationError | SMTPServerDisconnected):
        return True
    return not isinstance(error, SMTPException) or answer_of(error)[0] == CLOSING


def answer_of(error: OSError) -> tuple[int, str]:
    """The code and the words with which the server refuses a mail; 0 if it has said nothing."""
    code, words = 0, b""
    if isinstance(error, SMTPResponseException):
        code, words = error.smtp_code, as_bytes(error.smtp_error)
    elif isinstance(error, SMTPRecipientsRefused):  # each mail has one
        code, words = next(iter(error.recipients.values()))
    return code, words.decode(errors="replace")


def as_bytes(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode()


def order_of(order_id: UUID) -> OrderStarted:
    """How the order began."""
    return next(
        each.event
        for each in current_store().read_stream(ORDER.stream(order_id), limit=BEGINNING)
        if isinstance(each.event, OrderStarted)
    )


def buyer_of(buyer_id: UUID) -> BuyerRegistered:
    """How the buyer became known."""
    return next(
        each.event
        for each in current_store().read_stream(BUYER.stream(buyer_id), limit=BEGINNING)
        if isinstance(each.event, BuyerRegistered)
    )
