"""Handing mail to a real SMTP server: accepted, refused for now or for ever, hung up on, or not there at
all."""

import re
from datetime import timedelta
from smtplib import SMTPException, SMTPNotSupportedError
from threading import Event

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from eventstore.current import current_store
from eventstore.models import Checkpoint, ParkedEvent, StoredEvent
from eventstore.reactions.delivery import ATTEMPTS, Reactions
from eventstore.reactions.parked import ParkedReason, parked_events, retry_now
from eventstore.reactions.reaction import Away, NotNow
from orders.mail import NEWS, hand_over, mail
from orders.order import Status
from orders.smtp import Letter, takes_every_letter
from tests import factories
from tests.orders.smtp_server import Post
from tests.pages.page_requests import text_of

KNOWS_THEM = "250-post\r\n250-8BITMIME\r\n250 SMTPUTF8"


@pytest.fixture(autouse=True)
def way(transactional_db: None) -> None:
    """The store is the embedded one here; for the mail server it does not matter where the events come
    from."""


def a_mail() -> EmailMultiAlternatives:
    headers = {"Message-ID": "<1@callout>"}
    return EmailMultiAlternatives("Hello", "How are you?", to=["grace@example.com"], headers=headers)


def let_it_write() -> None:
    """Do what a worker that has just been started does about mail."""
    reactions = Reactions([mail], Event())
    position = reactions.catch_up(reactions.names)
    reactions.take(reactions.names, position, None)


def let_pass(days: int) -> None:
    """Everything happened, and was stored, so long ago."""
    past = timedelta(days=days)
    StoredEvent.objects.update(occurred_at=F("occurred_at") - past, recorded_at=F("recorded_at") - past)


def last_event() -> str:
    return str(current_store().read_all(0, 1000)[-1].id)


# --- Handing over ----------------------------------------------------------------------------------


def test_a_mail_that_is_taken_is_there(post: Post) -> None:
    hand_over(a_mail())
    assert [each["To"] for each in post.messages] == ["grace@example.com"]


@pytest.mark.parametrize(
    ("typed", "mailed"),
    [
        ("jörg@example.com", "jörg@example.com"),
        ("jo\u0308rg@münchen.example", "jörg@xn--mnchen-3ya.example"),
        ("δοκιμή@παράδειγμα.example", "δοκιμή@xn--hxajbheg2az3al.example"),
    ],
)
def test_a_mail_reaches_any_letters_by_a_server_that_knows_them(post: Post, typed: str, mailed: str) -> None:
    post.instead = {"EHLO": KNOWS_THEM}
    hand_over(Letter("Hello", "How are you?", to=typed))
    assert f"TO:<{mailed}>".upper() in next(each for each in post.told if each.startswith("RCPT")).upper()
    assert "SMTPUTF8" in next(each for each in post.told if each.startswith("MAIL"))
    (message,) = post.messages
    assert f"To: {mailed}".encode() in message.as_bytes()


def test_a_mail_for_which_the_server_knows_too_little_is_refused(post: Post) -> None:
    with pytest.raises(SMTPNotSupportedError):
        hand_over(Letter("Hello", "How are you?", to="jörg@example.com"))
    assert post.messages == []


def test_a_domain_with_other_letters_is_reached_by_any_server(post: Post) -> None:
    hand_over(Letter("Hello", "How are you?", to="joerg@straße.example"))
    assert [each["To"] for each in post.messages] == ["joerg@xn--strae-oqa.example"]


@pytest.mark.parametrize(("hello", "expected"), [(KNOWS_THEM, True), ("250 ok", False)])
def test_what_the_server_knows_is_asked_once(post: Post, hello: str, expected: bool) -> None:
    post.instead = {"EHLO": hello}
    assert [takes_every_letter(), takes_every_letter()] == [expected, expected]
    assert [each[:4] for each in post.told].count("EHLO") == 1


def test_what_an_absent_server_knows_is_not_known(settings: Settings) -> None:
    with Post() as gone:
        settings.EMAIL_HOST, settings.EMAIL_PORT = gone.server_address[:2]
    settings.EMAIL_BACKEND = "orders.smtp.EmailBackend"
    with pytest.raises(OSError, match="refused"):
        takes_every_letter()


@pytest.mark.parametrize(
    "instead",
    [
        {"HELLO": "421 busy"},
        {"HELLO": "554 no mail here"},
        {"MAIL": "421 closing"},
        {"RCPT": "421 closing"},
        {"DATA": "421 closing"},
        {".": "421 closing"},
    ],
)
def test_a_server_that_takes_no_mail_is_away(post: Post, instead: dict[str, str]) -> None:
    post.instead = instead
    with pytest.raises(Away):
        hand_over(a_mail())
    assert post.messages == []


@pytest.mark.parametrize(
    "instead",
    [
        {"MAIL": "451 later"},
        {"RCPT": "450 mailbox busy"},
        {"RCPT": "451 greylisted"},
        {"DATA": "451 later"},
        {".": "452 no room"},
    ],
)
def test_a_mail_that_is_not_taken_for_now_is_refused_for_now(post: Post, instead: dict[str, str]) -> None:
    post.instead = instead
    with pytest.raises(NotNow, match=next(iter(instead.values()))):
        hand_over(a_mail())
    assert post.messages == []


@pytest.mark.parametrize(
    "instead",
    [
        {"MAIL": "553 not from you"},
        {"RCPT": "550 nobody here"},
        {"DATA": "554 no"},
        {".": "552 too long"},
    ],
)
def test_what_is_wrong_with_this_mail_is_no_absence(post: Post, instead: dict[str, str]) -> None:
    post.instead = instead
    with pytest.raises(SMTPException, match=re.escape(next(iter(instead.values()))[:3])):
        hand_over(a_mail())
    assert post.messages == []


@pytest.mark.parametrize("hung_up_on", ["HELLO", "MAIL", "RCPT", "DATA", "."])
def test_a_server_that_hangs_up_is_away(post: Post, hung_up_on: str) -> None:
    post.instead = {hung_up_on: ""}
    with pytest.raises(Away):
        hand_over(a_mail())
    assert post.messages == []


def test_a_server_that_hangs_up_once_it_has_the_mail_has_it(post: Post) -> None:
    post.instead = {"QUIT": ""}
    hand_over(a_mail())
    assert post.ids == ["1"]


def test_a_server_that_cannot_be_reached_is_away(settings: Settings) -> None:
    with Post() as gone:
        settings.EMAIL_HOST, settings.EMAIL_PORT = gone.server_address[:2]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with pytest.raises(Away, match="ConnectionRefusedError"):
        hand_over(a_mail())


# --- What becomes of the mail -----------------------------------------------------------------------


def test_a_mail_waits_for_its_server_for_as_long_as_it_takes(post: Post) -> None:
    factories.order_at(Status.PAID)
    post.instead = {"HELLO": "421 busy"}
    for _ in range(2):
        with pytest.raises(Away):
            let_it_write()
        let_pass(days=5)
    assert not ParkedEvent.objects.exists()
    post.instead = {}
    let_it_write()
    assert [each["Subject"] for each in post.messages] == ["Your order is confirmed"]


def test_a_mail_that_was_refused_is_sent_when_somebody_has_it_tried_again_days_later(post: Post) -> None:
    factories.cancel_order(factories.place_order())
    post.instead = {"RCPT": "550 nobody here"}
    let_it_write()
    parked = ParkedEvent.objects.get()
    assert parked.error.startswith("SMTPRecipientsRefused")
    ParkedEvent.objects.update(attempts=ATTEMPTS, due_at=None)
    let_pass(days=5)
    post.instead = {}
    let_it_write()
    assert post.messages == []
    assert retry_now(parked.pk, attempts=ATTEMPTS)
    let_it_write()
    assert post.ids == [last_event()]
    assert not ParkedEvent.objects.exists()


def test_nobody_is_written_to_about_what_was_moved_here_long_after_it_had_happened(post: Post) -> None:
    let_it_write()
    factories.order_at(Status.CANCELLED)
    StoredEvent.objects.update(occurred_at=F("occurred_at") - NEWS - timedelta(minutes=1))
    let_it_write()
    assert post.messages == []
    assert Checkpoint.objects.get(name=mail.checkpoint).position == current_store().head()


def test_nobody_is_written_to_about_what_stood_here_long_before_there_was_mail(post: Post) -> None:
    factories.cancel_order(factories.place_order())
    let_pass(days=5)
    factories.cancel_order(factories.place_order())
    let_it_write()
    assert post.ids == [last_event()]


# --- Refused for now --------------------------------------------------------------------------------


def pass_time(by: timedelta) -> None:
    """Parked events have been parked for that much longer."""
    ParkedEvent.objects.update(due_at=F("due_at") - by)


def tried() -> int:
    return ParkedEvent.objects.order_by("position").values_list("attempts", flat=True)[0]


def test_a_greylisted_mail_is_tried_for_days_while_others_are_sent(post: Post) -> None:
    first = factories.order_at(Status.PAID)
    post.instead = {"RCPT": "451 greylisted, come again"}
    let_it_write()
    assert ParkedEvent.objects.get().error == (
        "NotNow: The mail server does not take this mail now: 451 greylisted, come again"
    )
    factories.ship_order(first)
    post.instead = {}
    factories.order_at(Status.PAID)
    let_it_write()
    assert [each["Subject"] for each in post.messages] == ["Your order is confirmed"]
    pass_time(timedelta(minutes=1))
    let_it_write()
    subjects = ["Your order is confirmed", "Your order is confirmed", "Your order is on its way"]
    assert [each["Subject"] for each in post.messages] == subjects
    assert not ParkedEvent.objects.exists()


def test_a_mail_refused_for_now_is_given_up_after_nearly_five_days(post: Post) -> None:
    factories.order_at(Status.PAID)
    post.instead = {"RCPT": "450 mailbox full"}
    waited = timedelta()
    let_it_write()
    while (due_at := ParkedEvent.objects.get().due_at) is not None:
        pause = due_at - timezone.now()
        waited += pause
        attempts = tried()
        pass_time(pause)
        let_it_write()
        assert tried() == attempts + 1
    assert timedelta(days=4) < waited < timedelta(days=5)
    assert parked_events(ParkedReason.PARKED).count() == 1


def test_a_mail_refused_for_ever_is_given_up_in_minutes(post: Post) -> None:
    factories.order_at(Status.PAID)
    post.instead = {"RCPT": "550 nobody here"}
    let_it_write()
    for _ in range(ATTEMPTS - 1):
        pass_time(timedelta(minutes=5))
        let_it_write()
    assert parked_events(ParkedReason.PARKED).count() == 1


# --- What people see while the server is away --------------------------------------------------------


def test_that_the_mail_server_is_away_is_said_and_counted(post: Post, administration_client: Client) -> None:
    factories.order_at(Status.PAID)
    post.instead = {"HELLO": "421 busy"}
    with pytest.raises(Away):
        let_it_write()
    health = text_of(administration_client.get("/administration/health/"))
    assert "mail Waiting: The mail server is away, or takes no mail now" in health
    assert "Mail to buyers waits: The mail server is away" in text_of(
        administration_client.get("/administration/reactions/")
    )
    assert "To look at 1" in text_of(administration_client.get("/administration/"))
    assert administration_client.get("/health/alarms/").json()["reactions"]["mail"]["away"] is True
    post.instead = {}
    let_it_write()
    assert "The mail server" not in text_of(administration_client.get("/administration/health/"))
    assert administration_client.get("/health/alarms/").json()["reactions"]["mail"]["away"] is False
