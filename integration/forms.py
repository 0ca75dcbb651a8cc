"""The form that adds a webhook."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.urls import reverse

from accounts.forms import AccountForm, ticks
from integration.events import by_type
from integration.models import Webhook
from integration.outbound_http import Forbidden, addresses
from pages.fields import GONE
from pages.question import Question, twin
from readmodels.queries.twins import alike

WRONG = "Give an address that begins with https:// or http://, without a password in it"
NO_TYPE = "Choose at least one type"


def label_of(kind: str) -> str:
    """A type as people read it: "Order status changed (callout.order.status-changed.v1)"."""
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", by_type[kind].__name__).lower().capitalize()
    return f"{words} ({kind})"


def spelt_alike(url: str) -> str:
    """The same for each spelling of one address: the host in lower case, no slash at the end."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.lower(), path=parts.path.rstrip("/")).geturl()


class WebhookForm(AccountForm):
    """An address, and the types to post to it. Each delivery checks whether the name leads to an address
    that may be reached."""

    url = forms.CharField(
        label="Address",
        max_length=500,
        error_messages={"required": WRONG},
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "type": "url",
                "autocomplete": "off",
                "placeholder": "https://example.com/callout",
            }
        ),
    )
    types = forms.MultipleChoiceField(
        label="Types",
        choices=[(kind, label_of(kind)) for kind in by_type],
        widget=ticks(),
        error_messages={"required": NO_TYPE, "invalid_choice": GONE},
    )

    def questions(self) -> Iterable[Question]:
        """Asks whether everything shall be posted twice to one address."""
        url = spelt_alike(self.cleaned_data["url"])
        if found := alike(Webhook.objects.all(), lambda row: spelt_alike(row.url), url, self.own):
            yield twin(found, reverse("webhook", args=[found.pk]))

    def clean_url(self) -> str:
        """An address of the right form that is not plainly one of a private network."""
        url = str(self.cleaned_data["url"])
        try:
            parts = urlsplit(url)
            port = parts.port or 443
        except ValueError:
            raise forms.ValidationError(WRONG) from None
        is_plain = re.fullmatch(r"[!-~]+", url) and parts.scheme in {"https", "http"}
        if not is_plain or not parts.hostname or "@" in parts.netloc:
            raise forms.ValidationError(WRONG)
        try:
            addresses(parts.hostname, port, private=settings.WEBHOOKS_TO_PRIVATE_ADDRESSES, numeric=True)
        except Forbidden as refusal:
            raise forms.ValidationError(f"{refusal}; this installation allows no other") from None
        except UnicodeError:
            raise forms.ValidationError(WRONG) from None
        except OSError:
            pass  # a name, not an address
        return url
