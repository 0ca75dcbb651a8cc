"""A place in a list, as the address of the next page names it.

It contains the values by which its row was sorted, so that the list continues there, even if the row has
changed or gone. They may be somebody's name, and addresses are logged: so they are encrypted, with a key
derived from SECRET_KEY. The same place is the same text each time; otherwise a page would differ from
itself. A place in one list is not valid in another.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.utils.encoding import force_bytes

LONGEST = 2000
"""The most characters of a cursor that is looked at."""


def seal(listed: str, values: Mapping[str, object]) -> str:
    """The cursor of these values, in the list of this name."""
    plain = json.dumps(values, default=str, ensure_ascii=False, separators=(",", ":")).encode()
    sealed = _cipher(settings.SECRET_KEY).encrypt(plain, [listed.encode()])
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(listed: str, cursor: str) -> dict[str, Any] | None:
    """The values at this place, as JSON keeps them; None when the text is no place in this list."""
    if not cursor.isascii() or len(cursor) > LONGEST:
        return None
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            sealed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            values: dict[str, Any] = json.loads(_cipher(key).decrypt(sealed, [listed.encode()]))
        except (InvalidTag, ValueError):
            continue
        return values
    return None


def seal_place(listed: str, place: str) -> str:
    """The same for a list whose places are short texts of numbers."""
    return seal(listed, {"place": place})


def unseal_place(listed: str, cursor: str) -> str:
    """The place of such a cursor. A text that is no cursor is returned as it is: places were named so
    before there were cursors."""
    given = unseal(listed, cursor)
    return cursor if given is None else str(given["place"])


def _cipher(secret: str | bytes) -> AESSIV:
    """AES-SIV (RFC 5297): gives the same text for the same values; nobody without the key can read or make
    it."""
    return AESSIV(blake2b(force_bytes(secret), digest_size=64, person=b"callout cursor").digest())
