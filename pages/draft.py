"""A draft: a form as somebody typed it, which is shown to them again and does nothing (docs/adr/0023).

A draft is made when a form was sent that cannot be taken: after its session had ended, with a token from
before the last sign-in, or from a page that returns to what was typed. The fields travel in the pages
themselves; nothing is stored.
"""

import json
from typing import Any

from django.core import signing
from django.http import HttpRequest, QueryDict

from pages.secret_fields import Fields, without_secrets

TYPED = "typed"
"""The field that holds all fields of a draft."""
TYPED_BY = "typed_by"
"""The field of every form that says, signed, for whom its page was made (pages/templatetags/forms.py)."""
TOKEN = "csrfmiddlewaretoken"  # noqa: S105  the name of the field, not what stands in it

_signer = signing.Signer(salt="callout.typed-by")


class Draft(QueryDict):
    """The fields of a draft, in place of a request's form fields. No form finds them valid
    (pages/command_form.py)."""

    @classmethod
    def of(cls, fields: Fields) -> "Draft":
        """A draft with these fields."""
        draft = cls(mutable=True)
        for name, value in fields:
            draft.appendlist(name, value)
        return draft


def sign(person: Any) -> str:
    """The signed name of the person for whom a form's page was made; always the same for the same person."""
    return _signer.sign(str(person.pk))


def typed_by(fields: QueryDict) -> str | None:
    """The key of the person for whom a form's page was made; None if it does not say so, or if the
    signature is not ours."""
    try:
        return _signer.unsign(fields.get(TYPED_BY, ""))
    except signing.BadSignature:
        return None


def is_by(fields: QueryDict, person: Any) -> bool:
    """Whether the form's page was made for this person."""
    return typed_by(fields) == str(person.pk)


def carried(sent: QueryDict) -> Fields:
    """The fields of a form, without those that are carried nowhere."""
    named = [(name, str(value)) for name, values in sent.lists() for value in values]
    return without_secrets((name, value) for name, value in named if name != TOKEN)


def packed(sent: QueryDict) -> str:
    """The fields of a form as one text, for a page to hold."""
    return json.dumps(carried(sent), ensure_ascii=False, separators=(",", ":"))


def unpacked(text: str) -> Draft:
    """The draft that `packed` made this text from; empty if it is no such text."""
    try:
        found = [(str(name), str(value)) for name, value in json.loads(text)]
    except (TypeError, ValueError):
        found = []
    return Draft.of(without_secrets(found))


def has_text(fields: QueryDict) -> bool:
    """Whether a form contains more than the name of its writer. If not, it was only a button, which the
    person presses again."""
    return any(name not in (TOKEN, TYPED_BY) for name in fields)


def make_draft(request: HttpRequest) -> None:
    """Make this request show its form, and not do it."""
    fields = request.POST
    if not isinstance(fields, Draft):
        request.POST = Draft.of(carried(fields))  # type: ignore[assignment]
