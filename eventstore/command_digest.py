"""What a command said, as a keyed digest beside its events: when the command comes again, the digest
identifies it.

Names and addresses can be guessed, and a plain hash would confirm each guess; without the key this one
reveals nothing. It names its key, so that keys can be changed.
"""

import hmac
import json
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, get_type_hints
from uuid import UUID

from django.conf import settings

from eventstore.decider import FACT
from spelling.line import trimmed

BYTES = 12
"""Bytes of the HMAC. So many are enough, because nobody without the key can look for two commands that
share a digest."""


def digest_of(command: object) -> str:
    """The key's number, a colon, and the digest of the command's name and of the fields that are not
    facts."""
    number, key = _key(settings.COMMAND_DIGEST_KEY)
    said = _encoder.encode([type(command).__name__, command]).encode()
    return f"{number}:{hmac.digest(key, said, 'sha256')[:BYTES].hex()}"


def is_same(stored: str, digest: str) -> bool:
    """Whether both say the same, as far as that is known: an older event has no digest, and a digest of
    another key cannot be compared."""
    return stored == digest or stored.partition(":")[0] != digest.partition(":")[0]


@cache
def _key(secret: str) -> tuple[str, bytes]:
    """The key's number, and the key. The number follows from the key, so nobody has to count keys."""
    key = hmac.digest(secret.encode(), b"eventstore: what a command said", "sha256")
    return hmac.digest(key, b"number", "sha256")[:4].hex(), key


def _plain(value: Any) -> object:
    """As JSON. Fields with their default are left out, so that a command can get another field. Of text
    only that counts which rules keep: without direction controls, which were stored formerly, and without
    blanks around it."""
    match value:
        case UUID():
            return str(value)
        case Enum():
            return value.value
        case Decimal():
            return str(value.normalize() if value.is_finite() else value)
        case datetime():
            return value.astimezone(UTC).isoformat()
    told = {}
    for name, default in said_by(value.__class__):
        said = getattr(value, name)
        if said != default:
            told[name] = trimmed(said) if isinstance(said, str) else said
    return told


_encoder = json.JSONEncoder(default=_plain, sort_keys=True)


@cache
def said_by(cls: type) -> tuple[tuple[str, Any], ...]:
    """The fields of a command, or of a value in one, that are not facts from elsewhere; with their
    defaults. Raises TypeError if the class is no dataclass."""
    hints = get_type_hints(cls, include_extras=True)
    return tuple(
        (each.name, each.default)
        for each in fields(cls)
        if FACT not in getattr(hints[each.name], "__metadata__", ())
    )
