"""Mail to addresses with letters such as ö before the @, which need a mail server that knows RFC 6531."""

from smtplib import SMTP
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends import smtp
from django.core.mail.message import EmailMessage, sanitize_address

from orders.email_address import mailed, needs_smtputf8

ASKED_FOR = 3
"""Seconds for which a mail server may stay silent when it is asked what it supports: somebody waits at a
form."""
REMEMBERED = 600
"""Seconds for which its answer is remembered."""


class Letter(EmailMultiAlternatives):
    """A mail to one person. Its head contains the address as it is, not in an encoding that no server
    decodes."""

    def __init__(self, subject: str, body: str, *, to: str, **kwargs: Any) -> None:
        super().__init__(subject, body, to=[mailed(to)], **kwargs)

    def message(self, **kwargs: Any) -> Any:
        made = super().message(**kwargs)
        if needs_smtputf8(self.to[0]):
            made.replace_header("To", self.to[0].encode().decode("ascii", "surrogateescape"))
        return made


class EmailBackend(smtp.EmailBackend):
    """Django's backend, which also asks the server for what such addresses need."""

    def _send(self, email_message: EmailMessage) -> bool:
        """Raises SMTPNotSupportedError if the server does not know it."""
        recipients = email_message.recipients()
        if not any(map(needs_smtputf8, recipients)):
            return bool(super()._send(email_message))  # type: ignore[misc]
        sender = sanitize_address(email_message.from_email, settings.DEFAULT_CHARSET)
        text = email_message.message().as_bytes(linesep="\r\n")
        self._server.sendmail(sender, recipients, text, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
        return True

    def knows_smtputf8(self) -> bool:
        """Whether the server knows it. Raises OSError while it is not there."""
        self.open()
        try:
            self._server.ehlo_or_helo_if_needed()
            return self._server.has_extn("smtputf8")
        finally:
            self.close()

    @property
    def _server(self) -> SMTP:
        assert self.connection is not None
        return self.connection


def takes_every_letter() -> bool:
    """Whether we can send mail to addresses with any letters before the @. Raises OSError while that
    cannot be found out."""
    server = get_connection(timeout=ASKED_FOR)
    if not isinstance(server, EmailBackend):
        return not isinstance(server, smtp.EmailBackend)  # mail goes to a screen or a file
    key = f"smtputf8-{server.host}:{server.port}"
    known: bool | None = cache.get(key)
    if known is None:
        known = server.knows_smtputf8()
        cache.set(key, known, REMEMBERED)
    return known
