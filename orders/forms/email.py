"""A buyer's e-mail address, as it is typed."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from orders.email_address import mailed, needs_smtputf8
from orders.forms.card import without_card_number
from orders.smtp import takes_every_letter

MALFORMED = "Write the e-mail address as name@example.com"
OUT_OF_REACH = (
    "Our mail cannot reach an address with “%(letter)s” before the @. Ask for another address of this buyer"
)
UNSURE = (
    "The mail server does not answer, so it is not known whether mail reaches an address with “%(letter)s”"
    " before the @. Try again later, or ask for another address of this buyer"
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_well_formed = EmailValidator(MALFORMED)


def well_formed(email: str) -> None:
    """Validates an address: letters of every script may stand on both sides of the @."""
    local, at, domain = email.rpartition("@")
    if any(not each.isprintable() or each.isspace() for each in local):
        raise ValidationError(MALFORMED)
    try:
        _well_formed(_NOT_ASCII.sub("x", local) + at + mailed(f"x@{domain}").partition("@")[2])
    except ValueError:
        raise ValidationError(MALFORMED) from None


def reachable(email: str) -> None:
    """Validates an address that mail can be sent to."""
    if not needs_smtputf8(email) or "@" not in email:
        return
    strange = _NOT_ASCII.search(email)
    letter = {"letter": strange[0] if strange else ""}
    try:
        if not takes_every_letter():
            raise ValidationError(OUT_OF_REACH, params=letter)
    except OSError:
        raise ValidationError(UNSURE, params=letter) from None


def without_card(email: str) -> None:
    """Validates an address that contains no card number. Signs do not separate groups of digits in it."""
    without_card_number(email)
    without_card_number(re.sub(r"[\W_]", "", email))
